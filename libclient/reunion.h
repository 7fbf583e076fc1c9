/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_REUNION_H
#define LIBCLIENT_REUNION_H

/* When another service owns the name: which of our processes it knows, and which have gone with the
 * earlier one. */

#include "link.h"

/* Whether there is anything to ask it; with the mutex held. */
gboolean reunion_is_needed(Link *link);

/* Asks it, and then the link is connected. In the worker thread, without the mutex. */
void reunion_begin(Link *link);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Copies between our standard streams and the far end of somebody's terminal, in the main loop. At
 * most a page is on its way in each direction: whoever is slow is waited for by the other side, never
 * by us. */

#include <glib.h>
#include <stdbool.h>

typedef struct Relay Relay;

typedef enum RelayEnd {
        RELAY_END_LEFT, /* the escape was typed */
        RELAY_END_FAR,  /* nothing will come any more */
} RelayEnd;

/* May free the relay. */
typedef void (*RelayFunc)(RelayEnd end, void *data);

#define RELAY_NO_ESCAPE (-1)

/* far_fd is not blocking, and stays the caller's. escape: the byte that is not sent and means that
 * somebody wants to leave. func may be NULL. */
Relay *relay_new(int far_fd, int escape, RelayFunc func, void *data);

/* Copies what is there already and was not copied yet, to us. */
void relay_drain(Relay *relay);
void relay_free(Relay *relay);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Relay, relay_free)

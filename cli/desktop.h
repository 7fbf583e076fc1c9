/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Notifications on the desktop, by the service that the session bus has for them
 * (https://specifications.freedesktop.org/notification-spec/). */

#include <glib.h>

typedef struct Desktop Desktop;

/* Connects to the session bus. */
Desktop *desktop_new(GError **error);
Desktop *desktop_free(Desktop *desktop);

/* Shows a notification, without waiting for it. If that fails, it is said once on stderr. */
void desktop_notify(Desktop *desktop, const char *title, const char *text);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_CONFIG_INTERNAL_H
#define LIBCLIENT_CONFIG_INTERNAL_H

/* From the library's descriptions to what goes over the bus. */

#include <gio/gunixfdlist.h>
#include <proctor/proctor-process-config.h>
#include <proctor/proctor-watchdog-config.h>

#include "activity.h"

/* The options of a process, a floating a{sv}. Descriptors are appended to the list, which holds
 * copies. NULL and an error if one cannot be copied. */
GVariant *process_config_options(ProctorProcessConfig *self, GUnixFDList *fds, int pidfd,
                                 GError **error);

/* The function to ask about activity, or NULL; and the timeout that was set, or 0. */
ActivitySource *process_config_activity(ProctorProcessConfig *self);
guint64 process_config_timeout(ProctorProcessConfig *self);

/* Settings as the service has them, from a{sv}. */
ProctorWatchdogConfig *watchdog_config_from_properties(GVariant *properties);

/* Those that are set, a{sv}. */
GVariant *watchdog_config_to_properties(ProctorWatchdogConfig *self);

#endif

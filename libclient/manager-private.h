/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_MANAGER_PRIVATE_H
#define LIBCLIENT_MANAGER_PRIVATE_H

/* The inside of a ProctorManager, for the files that make it up. */

#include "manager-internal.h"

struct _ProctorManager {
        GObject parent;
        GBusType bus_type;
        char *address;
        char *host; /* as ssh(1) takes it */
        gboolean embedded;
        gboolean owns_connection;
        GDBusConnection *connection;
        GSubprocess *daemon;
        Link *link;
        GMainContext *context;
        char *version;
        char **features;
};

void manager_initable_init(GInitableIface *iface);
void manager_async_initable_init(GAsyncInitableIface *iface);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connections, see the header. Descriptors and the peer's uid are negotiated; nobody is trusted
 * beyond what the socket says. */

#include "bus/connect.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "bus/bus-cleanup.h"
#include "dbus/proctor-names.h"

int connect_session(sd_bus **ret) {
        return sd_bus_open_user_with_description(ret, "session");
}

int connect_system(sd_bus **ret) {
        return sd_bus_open_system_with_description(ret, "system");
}

int connect_address(const char *address, sd_bus **ret) {
        g_autoptr(sd_bus) bus = NULL;
        int r;

        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, address);
        if (r >= 0)
                r = sd_bus_set_bus_client(bus, 1);
        if (r >= 0)
                r = sd_bus_negotiate_fds(bus, 1);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0)
                return r;
        *ret = g_steal_pointer(&bus);
        return 0;
}

int connect_private(int fd, sd_bus **ret) {
        _cleanup_close_ int owned = fd;
        g_autoptr(sd_bus) bus = NULL;
        sd_id128_t id;
        int r;

        r = sd_id128_randomize(&id);
        if (r >= 0)
                r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_server(bus, 1, id);
        if (r >= 0)
                r = sd_bus_negotiate_fds(bus, 1);
        if (r >= 0)
                r = sd_bus_negotiate_creds(bus, 1, SD_BUS_CREDS_EUID);
        if (r >= 0)
                r = sd_bus_set_fd(bus, owned, owned);
        if (r < 0)
                return r;
        steal_fd(&owned); /* the bus closes it now */
        r = sd_bus_start(bus);
        if (r < 0)
                return r;
        *ret = g_steal_pointer(&bus);
        return 0;
}

int connect_can_activate(sd_bus *bus) {
        char **names = NULL;
        int r = sd_bus_list_names(bus, NULL, &names);
        bool found = r >= 0 && g_strv_contains((const char *const *)names, PROCTOR_BUS_NAME);

        for (char **name = names; name && *name; name++)
                free(*name);
        free(names);
        return r < 0 ? r : found;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Walks a vtable and calls its getters, as sd-bus does for GetAll. */

#include "bus/vtable.h"

#include <errno.h>
#include <glib.h>

static bool is_property(const sd_bus_vtable *entry) {
        return entry->type == _SD_BUS_VTABLE_PROPERTY ||
               entry->type == _SD_BUS_VTABLE_WRITABLE_PROPERTY;
}

static int append_property(sd_bus *bus, sd_bus_message *m, const sd_bus_vtable *entry,
                           const char *path, const char *interface, void *userdata) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = sd_bus_message_open_container(m, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", entry->x.property.member);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', entry->x.property.signature);
        if (r >= 0)
                r = entry->x.property.get(bus, path, interface, entry->x.property.member, m,
                                          userdata, &error);
        sd_bus_error_free(&error);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r;
}

int vtable_append_properties(sd_bus *bus, sd_bus_message *m, const sd_bus_vtable *vtable,
                             const char *path, const char *interface, void *userdata,
                             const char *const *names) {
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        for (; r >= 0 && vtable->type != _SD_BUS_VTABLE_END; vtable++) {
                if (!is_property(vtable))
                        continue;
                if (names && !g_strv_contains(names, vtable->x.property.member))
                        continue;
                r = append_property(bus, m, vtable, path, interface, userdata);
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int vtable_append_object(sd_bus *bus, sd_bus_message *m, const sd_bus_vtable *vtable,
                         const char *path, const char *interface, void *userdata) {
        int r;

        r = sd_bus_message_append(m, "o", path);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sa{sv}}");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'e', "sa{sv}");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", interface);
        if (r >= 0)
                r = vtable_append_properties(bus, m, vtable, path, interface, userdata, NULL);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

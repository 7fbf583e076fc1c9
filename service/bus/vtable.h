/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Properties of a vtable, appended to messages of our own: sd-bus sends InterfacesAdded and
 * PropertiesChanged to everybody, and the contract wants them sent to those whom they concern. */

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Appends {name: value, …} (a{sv}) of all properties, or of those in `names` (NULL-terminated). */
int vtable_append_properties(sd_bus *bus, sd_bus_message *m, const sd_bus_vtable *vtable,
                             const char *path, const char *interface, void *userdata,
                             const char *const *names);

/* Appends path and {interface: {name: value, …}} (oa{sa{sv}}), as an object manager tells objects. */
int vtable_append_object(sd_bus *bus, sd_bus_message *m, const sd_bus_vtable *vtable,
                         const char *path, const char *interface, void *userdata);

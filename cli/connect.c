/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connects to a service: which bus the options mean, and which is meant without any. */

#include "connect.h"

#include <unistd.h>

bool connect_names_bus(const Cli *cli) {
        return cli->session || cli->system || cli->address || cli->host;
}

const char *connect_conflict(const Cli *cli) {
        int n = cli->session + cli->system + !!cli->address + !!cli->host;

        return n > 1 ? "only one of --session, --system, --address and --host can be used" : NULL;
}

/* Where GLib would find it without launching one. */
static bool has_session_bus(void) {
        g_autofree char *socket = g_build_filename(g_get_user_runtime_dir(), "bus", NULL);

        return g_getenv("DBUS_SESSION_BUS_ADDRESS") || access(socket, F_OK) == 0;
}

bool connect_is_system(const Cli *cli) {
        if (connect_names_bus(cli))
                return cli->system || cli->host;
        return !has_session_bus();
}

static GBusType bus_of(const Cli *cli) {
        return connect_is_system(cli) ? G_BUS_TYPE_SYSTEM : G_BUS_TYPE_SESSION;
}

ProctorManager *connect_to_bus(const Cli *cli, GError **error) {
        if (cli->host)
                return proctor_manager_new_for_host(cli->host, NULL, error);
        if (cli->address)
                return proctor_manager_new_for_address(cli->address, NULL, error);
        return proctor_manager_new_for_bus(bus_of(cli), NULL, error);
}

void connect_async(const Cli *cli, GCancellable *cancellable, GAsyncReadyCallback callback,
                   void *user_data) {
        if (cli->address)
                proctor_manager_new_for_address_async(cli->address, cancellable, callback,
                                                      user_data);
        else if (connect_names_bus(cli))
                proctor_manager_new_for_bus_async(bus_of(cli), cancellable, callback, user_data);
        else
                proctor_manager_new_embedded_async(cancellable, callback, user_data);
}

ProctorManager *connect_finish(const Cli *cli, GAsyncResult *result, GError **error) {
        if (cli->address)
                return proctor_manager_new_for_address_finish(result, error);
        if (connect_names_bus(cli))
                return proctor_manager_new_for_bus_finish(result, error);
        return proctor_manager_new_embedded_finish(result, error);
}

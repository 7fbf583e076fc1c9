/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connects to a service, and says what to do where there is none. */

#include "connect.h"

static GBusType bus_type(const Cli *cli) {
        return cli->system ? G_BUS_TYPE_SYSTEM : G_BUS_TYPE_SESSION;
}

bool connect_names_bus(const Cli *cli) {
        return cli->session || cli->system || cli->address;
}

ProctorManager *connect_to_bus(const Cli *cli, GError **error) {
        if (cli->address)
                return proctor_manager_new_for_address(cli->address, NULL, error);
        return proctor_manager_new_for_bus(bus_type(cli), NULL, error);
}

void connect_async(const Cli *cli, GCancellable *cancellable, GAsyncReadyCallback callback,
                   void *user_data) {
        if (cli->address)
                proctor_manager_new_for_address_async(cli->address, cancellable, callback,
                                                      user_data);
        else if (connect_names_bus(cli))
                proctor_manager_new_for_bus_async(bus_type(cli), cancellable, callback, user_data);
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

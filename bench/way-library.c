/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way that users go: libproctor, a start and a wait for each process, asynchronous like the
 * bare GDBus ways. Embedded it starts its own service; on a bus it uses one that is started for it
 * alone, as every other way has its own. */

#include "drive.h"
#include "harness.h"

#include <proctor/proctor.h>

typedef struct LibraryWay {
        Way way;
        ProctorManager *manager;
        Server *server; /* NULL: embedded */
} LibraryWay;

typedef struct Call {
        Drive *drive;
        unsigned i;
} Call;

static void library_way_free(Way *w) {
        LibraryWay *l = (LibraryWay *)w;
        g_autoptr(GError) error = NULL;
        int pid = (int)proctor_manager_get_service_pid(l->manager);

        if (!proctor_manager_close(l->manager, NULL, &error))
                bench_wrong("close: %s", error->message);
        g_object_unref(l->manager);
        bench_noise_disown(pid);
        server_stop(l->server);
        g_free(l);
}

static void on_waited(GObject *source, GAsyncResult *result, gpointer userdata) {
        g_autoptr(ProctorProcess) process = PROCTOR_PROCESS(source);
        g_autofree Call *call = userdata;
        g_autoptr(GError) error = NULL;
        int exit_code;

        if (!proctor_process_wait_finish(process, result, &exit_code, NULL, &error))
                bench_wrong("wait: %s", error->message);
        drive_done(call->drive, call->i, exit_code);
}

static void on_started(GObject *source, GAsyncResult *result, gpointer userdata) {
        g_autoptr(GError) error = NULL;
        ProctorProcess *process = proctor_manager_start_finish(PROCTOR_MANAGER(source), result,
                                                               &error);

        if (!process)
                bench_wrong("start: %s", error->message);
        proctor_process_wait_async(process, PROCTOR_INFINITY, NULL, on_waited, userdata);
}

static void library_begin(Drive *d, unsigned i) {
        LibraryWay *l = (LibraryWay *)d->way;
        g_autoptr(ProctorProcessConfig)
                config = proctor_process_config_new((const char *const *)d->argv);
        Call *call = g_new(Call, 1);

        proctor_process_config_set_stdout(config, "null");
        proctor_process_config_set_stderr(config, "null");
        *call = (Call){d, i};
        proctor_manager_start_async(l->manager, config, NULL, on_started, call);
}

Way *way_library_new(Transport transport) {
        LibraryWay *l = g_new0(LibraryWay, 1);
        g_autoptr(GError) error = NULL;

        l->way.begin = library_begin;
        l->way.free = library_way_free;
        if (transport == TRANSPORT_BUS) {
                l->server = server_start(SERVER_PROCTORD, transport, NULL);
                l->manager = proctor_manager_new_for_address(l->server->address, NULL, &error);
        } else
                l->manager = proctor_manager_new_embedded(NULL, &error);
        if (!l->manager)
                bench_wrong("libproctor: %s", error->message);
        if (!l->server)
                bench_noise_own((int)proctor_manager_get_service_pid(l->manager));
        return &l->way;
}

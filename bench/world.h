/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

/* The processes that a benchmark needs around it: a private dbus-daemon, the trivial service and
 * proctord, each over a socket pair or on the private bus. Everything is ended by its pid at the
 * end, and with this process. Failures end the run. */

#include <gio/gio.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

typedef enum ServerKind {
        SERVER_FLOOR,
        SERVER_PROCTORD,
} ServerKind;

typedef enum Transport {
        TRANSPORT_PAIR,
        TRANSPORT_BUS,
} Transport;

typedef struct Server {
        ServerKind kind;
        Transport transport;
        pid_t pid;
        int fd;              /* our end of the pair, until it is connected */
        const char *name;    /* on the bus; NULL on a pair */
        const char *address; /* of the bus; NULL on a pair */
} Server;

/* On a pair, or on a dbus-daemon that is started for it alone. option: one more argument for the
 * service, or NULL. */
Server *server_start(ServerKind kind, Transport transport, const char *option);
/* Ends it and waits for its end. */
Server *server_stop(Server *s);

/* A connection to it; a pair has but one. try: NULL if it does not answer. */
GDBusConnection *server_connect_gdbus(Server *s);
GDBusConnection *server_try_gdbus(Server *s, GError **error);
sd_bus *server_connect_sdbus(Server *s);

/* Keeps this process and every one that was started here on the first CPU, until world_unpin(). Two
 * processes that talk in turns cost some 15 us a turn on one CPU and 100 on two, where the other
 * has to be woken each time; which of the two happens is the scheduler's whim. */
void world_pin(void);
void world_unpin(void);

/* A directory of this run, removed at the end, and the one name that is used in it. */
#define WORLD_FIFO "tree"
const char *world_directory(void);

/* Ends what still runs. Called at exit. */
void world_done(void);

/* Runs the default main context until *done, or ends the run when that takes too long. */
void world_run_until(const bool *done, const char *what, unsigned timeout_sec);

#endif

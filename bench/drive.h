/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_DRIVE_H
#define BENCH_DRIVE_H

/* Keeps k starts in flight until n are done, on the default main context: the same loop for every
 * way of starting, so that only the way differs. A way begins a start, and says when the exit code
 * of it is known; a wrong exit code ends the run.
 * Ways: in this process, over bare GDBus (the trivial service, and proctord without its library),
 * and with the library. */

#include "world.h"

typedef struct Drive Drive;
typedef struct Way Way;

struct Drive {
        Way *way;
        char *const *argv;
        int expected; /* exit code */
        unsigned n, k, begun, done;
        double *began_usec;
        double *took_usec;
        bool finished;
};

struct Way {
        void (*begin)(Drive *d, unsigned i);
        /* Instead of the loop and begin, for a way that needs no main context. */
        double (*run)(Way *w, char *const *argv, int expected, unsigned n, unsigned k,
                      double *ret_took_usec);
        void (*free)(Way *w);
};

/* The command that most starts are of. */
extern char *const drive_true[];

/* Runs it. ret_took_usec: n values, start to exit known; returns the whole time in µs. */
double drive_run(Way *w, char *const *argv, int expected, unsigned n, unsigned k,
                 double *ret_took_usec);
void drive_done(Drive *d, unsigned i, int exit_code);

/* In this process: posix_spawn and wait, the floor of it all; and GSubprocess. */
Way *way_spawn_new(void);
Way *way_gsubprocess_new(void);

/* Over bare GDBus. option: see server_start(). */
Way *way_floor_new(Transport transport);
Way *way_proctord_new(Transport transport, const char *option);
/* With the library: embedded, or on a bus with a service of its own. */
Way *way_library_new(Transport transport);
Way *way_free(Way *w);

/* The connection and service behind a way over bare GDBus. */
GDBusConnection *way_get_connection(Way *w);
Server *way_get_server(Way *w);

/* Options that make a start the same as the floor's: all streams null. */
GVariant *drive_options(void);

#endif

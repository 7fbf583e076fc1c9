/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

/* Many live processes, held by a proctord: started 64 at a time, watched, with deadlines that are
 * an hour away. And the few synchronous calls that the benchmarks make to a proctord. */

#include "world.h"

#define CROWD_TIMEOUT_USEC (UINT64_C(3600) * G_USEC_PER_SEC)

void crowd_start(Server *s, GDBusConnection *c, unsigned n);
/* Manager.Shutdown: ends all of them and forgets them. */
void crowd_end(Server *s, GDBusConnection *c);

/* Starts one process with these options (floating, consumed) on top of null streams; returns its
 * object path. */
char *proctord_start(Server *s, GDBusConnection *c, char *const *argv, GVariant *options,
                     pid_t *ret_pid);
GVariant *proctord_call(Server *s, GDBusConnection *c, const char *path, const char *interface,
                        const char *method, GVariant *args);
GVariant *proctord_get(Server *s, GDBusConnection *c, const char *path, const char *interface,
                       const char *property);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_FLOOR_NAMES_H
#define BENCH_FLOOR_NAMES_H

/* Where the trivial service that is the floor is found: Start(as argv) -> u pid, Empty(), the
 * property NRunning (u), and the signal Exited(u pid, i exit code) to the caller who started. */

#define FLOOR_NAME      "org.proctor1.bench.Floor"
#define FLOOR_PATH      "/org/proctor1/bench/floor"
#define FLOOR_INTERFACE "org.proctor1.bench.Floor"

#endif

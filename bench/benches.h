/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BENCH_BENCHES_H
#define BENCH_BENCHES_H

/* Every benchmark: runs, prints, and returns how many of its goals were missed. */

unsigned bench_start(void);
unsigned bench_call(void);
unsigned bench_scale(void);
unsigned bench_idle(void);
unsigned bench_memory(void);
unsigned bench_tree(void);
unsigned bench_hang(void);
unsigned bench_heartbeat(void);
unsigned bench_group(void);

#endif

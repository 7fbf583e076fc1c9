/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What sys hangs into the GLib main loop: one source for all per-process descriptors (behind an
 * epoll, so that a turn of the loop costs the same however many there are), one for timers, one for
 * core's deadline. All at G_PRIORITY_HIGH: a flood of messages must not hold up an exit. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/time-util.h"

typedef struct Loop Loop;

/* A watched descriptor. Embedded in whoever watches; all zero is: not watching. */
typedef struct Watch {
        Loop *loop; /* NULL: not watching */
        struct Poller *poller;
        int fd;
        void (*handler)(void *userdata, uint32_t events);
        void *userdata;
} Watch;

/* A moment to be called at. Embedded, all zero is: not set. */
typedef struct Timer {
        Loop *loop; /* NULL: not set */
        usec_t at;
        void (*handler)(void *userdata);
        void *userdata;
        LIST_ENTRY(Timer) link;
} Timer;

int loop_new(GMainContext *context, void (*on_deadline)(void *userdata), void *userdata,
             Loop **ret);
Loop *loop_free(Loop *loop);

/* events: EPOLLIN, EPOLLPRI. The descriptor stays the caller's and must outlive the watch. */
int loop_watch(Loop *loop, Watch *watch, int fd, uint32_t events,
               void (*handler)(void *userdata, uint32_t events), void *userdata);
/* The same beside the bus instead of above it: for what may be ready all the time. */
int loop_watch_bulk(Loop *loop, Watch *watch, int fd, uint32_t events,
                    void (*handler)(void *userdata, uint32_t events), void *userdata);
void loop_unwatch(Watch *watch);

/* Once, at or after that time. Setting it again moves it. */
void loop_set_timer(Loop *loop, Timer *timer, usec_t at, void (*handler)(void *userdata),
                    void *userdata);
void loop_unset_timer(Timer *timer);

void loop_set_deadline(Loop *loop, usec_t deadline);

/* One turn without the main loop, at the end of a service: descriptors and timers, not the deadline.
 * Waits timeout_msec at the most. */
void loop_turn(Loop *loop, int timeout_msec);

/* Since when the service may not have run, when it is told that it did not: the begin of the longest
 * time between two turns of late. It need not be the last one: the service is held wherever it is,
 * and the news is one event among others. */
usec_t loop_paused_since(const Loop *loop);

/* How often the deadline and the timers have woken the service. */
uint64_t loop_wakeups(const Loop *loop);

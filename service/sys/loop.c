/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Four GSources and two epolls. Knows nothing of processes. */

#include "sys/loop.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "sys/pidfd.h"

/* How late the news may come that the service did not run for a while. */
#define PAUSE_KEPT_USEC (2 * USEC_PER_SEC)

/* What one turn takes at the most; the rest is there in the next turn. */
#define BATCH_MAX      64
#define BULK_BATCH_MAX 8

LIST_HEAD(TimerList, Timer);

/* Ready from a moment on. GLib's own ready time would write to the loop's eventfd at each change,
 * and so cost a turn of the loop for each start and each end. */
typedef struct TimedSource {
        GSource source;
        usec_t at;
        usec_t prepared_at;
        usec_t pause, pause_ended_at; /* the longest of late between two turns of the loop */
} TimedSource;

/* Many descriptors behind one. */
typedef struct Poller {
        int fd;
        GSource *source;
        struct epoll_event batch[BATCH_MAX];
        int batch_max, batch_at, batch_length;
} Poller;

struct Loop {
        Poller urgent, bulk;
        TimedSource *timer_source, *deadline_source;
        struct TimerList timers;
        struct TimerList due;
        uint64_t wakeups;
        void (*on_deadline)(void *userdata);
        void *userdata;
};

static gboolean call(GSource *source, GSourceFunc callback, gpointer userdata) {
        return callback(userdata);
}

/* Ready by its descriptor alone, which GLib checks itself. */
static GSourceFuncs epoll_funcs = {.dispatch = call};

static gboolean timed_check(GSource *base) {
        return (usec_t)g_source_get_time(base) >= ((TimedSource *)base)->at;
}

static void note_pause(TimedSource *source, usec_t now) {
        usec_t pause = source->prepared_at == 0 ? 0 : usec_sub(now, source->prepared_at);

        if (pause >= source->pause || usec_sub(now, source->pause_ended_at) > PAUSE_KEPT_USEC) {
                source->pause = pause;
                source->pause_ended_at = now;
        }
        source->prepared_at = now;
}

static gboolean timed_prepare(GSource *base, int *ret_timeout) {
        usec_t at = ((TimedSource *)base)->at, now = (usec_t)g_source_get_time(base);

        note_pause((TimedSource *)base, now);
        *ret_timeout = -1;
        if (at == USEC_INFINITY)
                return FALSE;
        if (at <= now)
                return TRUE;
        /* upward: never early */
        *ret_timeout = (int)MIN((at - now + USEC_PER_MSEC - 1) / USEC_PER_MSEC, (usec_t)G_MAXINT);
        return FALSE;
}

static GSourceFuncs timed_funcs = {
        .prepare = timed_prepare,
        .check = timed_check,
        .dispatch = call,
};

static void take_batch(Poller *poller, int timeout_msec) {
        int n = epoll_wait(poller->fd, poller->batch, poller->batch_max, timeout_msec);

        poller->batch_length = MAX(n, 0);
        for (poller->batch_at = 0; poller->batch_at < poller->batch_length; poller->batch_at++) {
                struct epoll_event *event = &poller->batch[poller->batch_at];
                Watch *watch = event->data.ptr;

                if (watch)
                        watch->handler(watch->userdata, event->events);
        }
        poller->batch_length = 0;
}

static gboolean dispatch_poller(gpointer userdata) {
        take_batch(userdata, 0);
        return G_SOURCE_CONTINUE;
}

static void rearm_timers(Loop *loop) {
        usec_t at = USEC_INFINITY;
        Timer *timer;

        LIST_FOREACH(timer, &loop->timers, link)
        at = MIN(at, timer->at);
        loop->timer_source->at = at;
}

static gboolean dispatch_timers(gpointer userdata) {
        Loop *loop = userdata;
        usec_t now = (usec_t)g_get_monotonic_time();
        Timer *timer, *next;

        loop->wakeups++;
        for (timer = LIST_FIRST(&loop->timers); timer; timer = next) {
                next = LIST_NEXT(timer, link);
                if (timer->at > now)
                        continue;
                LIST_REMOVE(timer, link);
                LIST_INSERT_HEAD(&loop->due, timer, link);
        }
        /* A handler may set and unset any timer, also one that is due. */
        while ((timer = LIST_FIRST(&loop->due))) {
                LIST_REMOVE(timer, link);
                timer->loop = NULL;
                timer->handler(timer->userdata);
        }
        rearm_timers(loop);
        return G_SOURCE_CONTINUE;
}

static gboolean dispatch_deadline(gpointer userdata) {
        Loop *loop = userdata;

        loop->wakeups++;
        loop->deadline_source->at = USEC_INFINITY;
        loop->on_deadline(loop->userdata);
        return G_SOURCE_CONTINUE;
}

static GSource *add_source(GMainContext *context, const char *name, GSource *source, int priority,
                           GSourceFunc callback, void *userdata) {
        g_source_set_static_name(source, name);
        g_source_set_priority(source, priority);
        /* There is no nested loop to be kept out of. Without this GLib takes the descriptor out of
         * its poll set for each dispatch, puts it back, and wakes itself by that. */
        g_source_set_can_recurse(source, TRUE);
        g_source_set_callback(source, callback, userdata, NULL);
        g_source_attach(source, context);
        return source;
}

static TimedSource *add_timed_source(GMainContext *context, const char *name, GSourceFunc callback,
                                     Loop *loop) {
        GSource *source = g_source_new(&timed_funcs, sizeof(TimedSource));

        ((TimedSource *)source)->at = USEC_INFINITY;
        return (TimedSource *)add_source(context, name, source, G_PRIORITY_HIGH, callback, loop);
}

static int poller_init(Poller *poller, GMainContext *context, const char *name, int priority,
                       int batch_max) {
        int r;

        poller->batch_max = batch_max;
        poller->fd = epoll_create1(EPOLL_CLOEXEC);
        if (poller->fd < 0)
                return -errno;
        r = pidfd_park(&poller->fd);
        if (r < 0)
                return r;
        poller->source = add_source(context, name, g_source_new(&epoll_funcs, sizeof(GSource)),
                                    priority, dispatch_poller, poller);
        g_source_add_unix_fd(poller->source, poller->fd, G_IO_IN);
        return 0;
}

static void drop_source(GSource *source) {
        if (!source)
                return;
        g_source_destroy(source);
        g_source_unref(source);
}

static void poller_done(Poller *poller) {
        drop_source(poller->source);
        safe_close(poller->fd);
}

int loop_new(GMainContext *context, void (*on_deadline)(void *userdata), void *userdata,
             Loop **ret) {
        Loop *loop = g_new0(Loop, 1);
        int r;

        loop->urgent.fd = loop->bulk.fd = -EBADF;
        LIST_INIT(&loop->timers);
        LIST_INIT(&loop->due);
        loop->on_deadline = on_deadline;
        loop->userdata = userdata;
        r = poller_init(&loop->urgent, context, "proctor processes", G_PRIORITY_HIGH, BATCH_MAX);
        if (r >= 0)
                r = poller_init(&loop->bulk, context, "proctor streams", G_PRIORITY_DEFAULT,
                                BULK_BATCH_MAX);
        if (r < 0) {
                loop_free(loop);
                return r;
        }
        loop->timer_source = add_timed_source(context, "proctor timers", dispatch_timers, loop);
        loop->deadline_source = add_timed_source(context, "proctor deadline", dispatch_deadline,
                                                 loop);
        *ret = loop;
        return 0;
}

void loop_turn(Loop *loop, int timeout_msec) {
        take_batch(&loop->urgent, timeout_msec);
        dispatch_timers(loop);
}

Loop *loop_free(Loop *loop) {
        if (!loop)
                return NULL;
        poller_done(&loop->urgent);
        poller_done(&loop->bulk);
        drop_source((GSource *)loop->timer_source);
        drop_source((GSource *)loop->deadline_source);
        g_free(loop);
        return NULL;
}

static int watch_fd(Loop *loop, Poller *poller, Watch *watch, int fd, uint32_t events,
                    void (*handler)(void *userdata, uint32_t events), void *userdata) {
        struct epoll_event event = {.events = events, .data.ptr = watch};

        assert(!watch->loop);
        if (epoll_ctl(poller->fd, EPOLL_CTL_ADD, fd, &event) < 0)
                return -errno;
        *watch = (Watch){
                .loop = loop, .poller = poller, .fd = fd, .handler = handler, .userdata = userdata};
        return 0;
}

int loop_watch(Loop *loop, Watch *watch, int fd, uint32_t events,
               void (*handler)(void *userdata, uint32_t events), void *userdata) {
        return watch_fd(loop, &loop->urgent, watch, fd, events, handler, userdata);
}

int loop_watch_bulk(Loop *loop, Watch *watch, int fd, uint32_t events,
                    void (*handler)(void *userdata, uint32_t events), void *userdata) {
        return watch_fd(loop, &loop->bulk, watch, fd, events, handler, userdata);
}

/* Explicitly, and before the descriptor is closed: a child on its way to exec may hold a copy, and
 * then closing alone leaves a live entry. */
void loop_unwatch(Watch *watch) {
        Poller *poller = watch->poller;

        if (!watch->loop)
                return;
        epoll_ctl(poller->fd, EPOLL_CTL_DEL, watch->fd, NULL);
        for (int i = poller->batch_at; i < poller->batch_length; i++)
                if (poller->batch[i].data.ptr == watch)
                        poller->batch[i].data.ptr = NULL;
        watch->loop = NULL;
}

void loop_set_timer(Loop *loop, Timer *timer, usec_t at, void (*handler)(void *userdata),
                    void *userdata) {
        if (timer->loop)
                LIST_REMOVE(timer, link);
        *timer = (Timer){.loop = loop, .at = at, .handler = handler, .userdata = userdata};
        LIST_INSERT_HEAD(&loop->timers, timer, link);
        loop->timer_source->at = MIN(loop->timer_source->at, at);
}

/* The source is left armed: it finds nothing due and goes on to the next. */
void loop_unset_timer(Timer *timer) {
        if (!timer->loop)
                return;
        LIST_REMOVE(timer, link);
        timer->loop = NULL;
}

void loop_set_deadline(Loop *loop, usec_t deadline) {
        loop->deadline_source->at = deadline;
}

usec_t loop_paused_since(const Loop *loop) {
        const TimedSource *source = loop->deadline_source;
        usec_t now = (usec_t)g_get_monotonic_time(), pause = usec_sub(now, source->prepared_at);

        if (source->pause > pause && usec_sub(now, source->pause_ended_at) <= PAUSE_KEPT_USEC)
                pause = source->pause;
        return usec_sub(now, pause);
}

uint64_t loop_wakeups(const Loop *loop) {
        return loop->wakeups;
}

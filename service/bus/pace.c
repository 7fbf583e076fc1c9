/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pace, see the header. The calls that wait go back through sd-bus's own queue, one at a time: only
 * when it was worked off is it known what it took.
 *
 * When to look again is told in prepare, as the source of the bus does it: g_source_set_ready_time()
 * wakes the loop, for each call that waits. */

#include "bus/pace.h"

#include <errno.h>
#include <time.h>

#include "bus/backlog.h"
#include "bus/bus-error.h"

#define PAY_BACK      4
#define REST_MAX_USEC (2 * USEC_PER_SEC)

/* Of one user; there while his calls wait, would have to, or might soon have to. */
typedef struct Rest {
        usec_t debt; /* at that time */
        usec_t at;
        usec_t until; /* he rests */
        bool held;    /* nor before somebody says so */
        Backlog waiting;
        sd_bus_message *woken; /* on its way through the queue again; or NULL */
} Rest;

struct Pace {
        GHashTable *rests; /* uid → Rest */
        GSource *source;
        usec_t look_at; /* the rests; USEC_INFINITY: not before it is set */
        bool working;   /* on a call of this user */
        uid_t uid;
        usec_t begun;    /* of the processor's time */
        usec_t begun_at; /* monotonic */
};

static usec_t spent(void) {
        struct timespec t;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (usec_t)t.tv_sec * USEC_PER_SEC + (usec_t)t.tv_nsec / NSEC_PER_USEC;
}

static void rest_free(void *data) {
        Rest *rest = data;

        backlog_clear(&rest->waiting);
        sd_bus_message_unref(rest->woken);
        g_free(rest);
}

static Rest *find_rest(const Face *face, uid_t uid) {
        return g_hash_table_lookup(face->pace->rests, GUINT_TO_POINTER(uid));
}

static usec_t debt_at(const Rest *rest, usec_t now) {
        return usec_sub(rest->debt, usec_sub(now, rest->at) / PACE_FORGET);
}

/* The next of his calls. */
static void wake(Face *face, Rest *rest) {
        rest->woken = backlog_pop(&rest->waiting);
        if (sd_bus_enqueue_for_read(face->bus, rest->woken) >= 0)
                return;
        (void)sd_bus_reply_method_errno(rest->woken, -ENOBUFS, NULL);
        rest->woken = sd_bus_message_unref(rest->woken);
}

/* When to look again: USEC_INFINITY if that will be said, or there is nothing more to look for. */
static usec_t go_on(Face *face, Rest *rest, usec_t now) {
        if (rest->woken || rest->held)
                return USEC_INFINITY;
        if (rest->until > now)
                return rest->until;
        if (backlog_is_empty(&rest->waiting))
                return USEC_INFINITY;
        wake(face, rest);
        return rest->woken ? USEC_INFINITY : now;
}

static gboolean on_turn(void *userdata) {
        Face *face = userdata;
        usec_t now = (usec_t)g_get_monotonic_time(), next = USEC_INFINITY;
        GHashTableIter iter;
        void *value;

        g_hash_table_iter_init(&iter, face->pace->rests);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                Rest *rest = value;
                usec_t at = go_on(face, rest, now);

                if (at == USEC_INFINITY && !rest->woken && !rest->held && debt_at(rest, now) == 0)
                        g_hash_table_iter_remove(&iter);
                next = MIN(next, at);
        }
        face->pace->look_at = next;
        return G_SOURCE_CONTINUE;
}

typedef struct PaceSource {
        GSource source;
        const struct Pace *pace;
} PaceSource;

static gboolean is_due(const struct Pace *pace, usec_t now) {
        return pace->look_at <= now;
}

static gboolean prepare(GSource *source, int *ret_timeout) {
        const struct Pace *pace = ((PaceSource *)source)->pace;
        usec_t now;

        *ret_timeout = -1;
        if (pace->look_at == USEC_INFINITY)
                return FALSE;
        now = (usec_t)g_source_get_time(source);
        *ret_timeout = (int)MIN((usec_sub(pace->look_at, now) + USEC_PER_MSEC - 1) / USEC_PER_MSEC,
                                (usec_t)G_MAXINT);
        return is_due(pace, now);
}

static gboolean check(GSource *source) {
        const struct Pace *pace = ((PaceSource *)source)->pace;

        return pace->look_at != USEC_INFINITY && is_due(pace, (usec_t)g_source_get_time(source));
}

static gboolean dispatch(GSource *source, GSourceFunc callback, void *userdata) {
        return callback(userdata);
}

static GSourceFuncs pace_source_funcs = {.prepare = prepare, .check = check, .dispatch = dispatch};

static int keep(Face *face, Rest *rest, sd_bus_message *m) {
        sd_bus_error error = SD_BUS_ERROR_NULL;

        if (!backlog_is_full(&rest->waiting, PACE_BACKLOG_MAX)) {
                backlog_push(&rest->waiting, m);
                face->pace->look_at = 0;
                return 1;
        }
        bus_fail_limit(&error, "calls of one user that wait for their turn");
        (void)sd_bus_reply_method_error(m, &error);
        sd_bus_error_free(&error);
        return 1;
}

/* His calls go one after the other. */
static bool is_in_turns(const Rest *rest, usec_t now) {
        return rest->held || rest->woken || !backlog_is_empty(&rest->waiting) ||
               rest->until > now || debt_at(rest, now) > PACE_FREE_USEC;
}

/* What is late would be counted as a hang. It is cheap, and changes nothing that anybody is told of. */
static bool is_sign_of_life(sd_bus_message *m) {
        const char *member = sd_bus_message_get_member(m);

        return g_strcmp0(member, "ReportActivity") == 0 || g_strcmp0(member, "UpdateActivity") == 0;
}

int pace_admit(Face *face, sd_bus_message *m) {
        const Peer *peer = peers_sender(face, m);
        Rest *rest;

        if (face->kind != FACE_SYSTEM || !peer || peer->uid == 0)
                return 0;
        face->pace->working = true;
        face->pace->uid = peer->uid;
        face->pace->begun = spent();
        face->pace->begun_at = (usec_t)g_get_monotonic_time();
        rest = find_rest(face, peer->uid);
        if (!rest)
                return 0;
        if (m == rest->woken)
                rest->woken = sd_bus_message_unref(rest->woken);
        else if (is_in_turns(rest, face->pace->begun_at) && !is_sign_of_life(m))
                return keep(face, rest, m);
        return 0;
}

static Rest *make_rest(Face *face, uid_t uid) {
        Rest *rest = find_rest(face, uid);

        if (!rest) {
                rest = g_new0(Rest, 1);
                g_hash_table_insert(face->pace->rests, GUINT_TO_POINTER(uid), rest);
        }
        return rest;
}

void pace_hold(Face *face, uid_t uid, bool hold) {
        make_rest(face, uid)->held = hold;
        face->pace->look_at = 0;
}

void pace_worked(Face *face) {
        usec_t now = (usec_t)g_get_monotonic_time(), took;
        struct Pace *pace = face->pace;
        Rest *rest;

        if (!pace->working)
                return;
        pace->working = false;
        took = usec_sub(spent(), pace->begun);
        rest = make_rest(face, pace->uid);
        /* On a busy machine others wait for as long as it lasts, not for what it takes. */
        rest->debt = usec_add(debt_at(rest, now), usec_sub(now, pace->begun_at));
        rest->at = now;
        if (took > PACE_FREE_USEC)
                rest->until = usec_add(now, MIN((took - PACE_FREE_USEC) * PAY_BACK, REST_MAX_USEC));
        if (rest->until > now || !backlog_is_empty(&rest->waiting))
                pace->look_at = 0;
}

void pace_drop(Face *face, const Peer *peer) {
        Rest *rest = find_rest(face, peer->uid);

        if (!rest)
                return;
        backlog_forget(&rest->waiting, peer->name);
        if (rest->woken && g_strcmp0(sd_bus_message_get_sender(rest->woken), peer->name) == 0)
                rest->woken = sd_bus_message_unref(rest->woken);
        face->pace->look_at = 0;
}

void pace_init(Face *face) {
        struct Pace *pace = g_new0(struct Pace, 1);

        pace->rests = g_hash_table_new_full(NULL, NULL, NULL, rest_free);
        pace->look_at = USEC_INFINITY;
        pace->source = g_source_new(&pace_source_funcs, sizeof(PaceSource));
        ((PaceSource *)pace->source)->pace = pace;
        g_source_set_static_name(pace->source, "pace");
        g_source_set_callback(pace->source, on_turn, face, NULL);
        g_source_attach(pace->source, NULL);
        face->pace = pace;
}

void pace_done(Face *face) {
        if (!face->pace)
                return;
        g_source_destroy(face->pace->source);
        g_source_unref(face->pace->source);
        g_hash_table_unref(face->pace->rests);
        g_clear_pointer(&face->pace, g_free);
}

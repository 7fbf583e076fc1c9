/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pace, see the header. The calls that wait go back through sd-bus's own queue, one at a time: only
 * when it was worked off is it known what it took. */

#include "bus/pace.h"

#include <errno.h>
#include <time.h>

#include "bus/bus-error.h"

#define PAY_BACK      4
#define REST_MAX_USEC (2 * USEC_PER_SEC)

/* Of one user; there while his calls wait or would have to. */
typedef struct Rest {
        usec_t until;
        bool held;             /* nor before somebody says so */
        GQueue waiting;        /* sd_bus_message */
        sd_bus_message *woken; /* on its way through the queue again; or NULL */
} Rest;

struct Pace {
        GHashTable *rests; /* uid → Rest */
        GSource *source;
        bool working; /* on a call of this user, since this time */
        uid_t uid;
        usec_t begun;
};

static usec_t spent(void) {
        struct timespec t;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (usec_t)t.tv_sec * USEC_PER_SEC + (usec_t)t.tv_nsec / NSEC_PER_USEC;
}

static void unref_message(void *m) {
        sd_bus_message_unref(m);
}

static void rest_free(void *data) {
        Rest *rest = data;

        g_queue_clear_full(&rest->waiting, unref_message);
        sd_bus_message_unref(rest->woken);
        g_free(rest);
}

static Rest *find_rest(const Face *face, uid_t uid) {
        return g_hash_table_lookup(face->pace->rests, GUINT_TO_POINTER(uid));
}

/* The next of his calls. */
static void wake(Face *face, Rest *rest) {
        rest->woken = g_queue_pop_head(&rest->waiting);
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
        if (rest->waiting.length == 0)
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

                if (at == USEC_INFINITY && !rest->woken && !rest->held)
                        g_hash_table_iter_remove(&iter);
                next = MIN(next, at);
        }
        g_source_set_ready_time(face->pace->source,
                                next == USEC_INFINITY ? -1 : (gint64)MAX(next, (usec_t)1));
        return G_SOURCE_CONTINUE;
}

static gboolean dispatch(GSource *source, GSourceFunc callback, void *userdata) {
        return callback(userdata);
}

static GSourceFuncs pace_source_funcs = {.dispatch = dispatch};

static int keep(Rest *rest, sd_bus_message *m) {
        if (rest->waiting.length >= PACE_WAITING_MAX) {
                sd_bus_error error = SD_BUS_ERROR_NULL;

                bus_fail_limit(&error, "calls of one user that wait for their turn");
                (void)sd_bus_reply_method_error(m, &error);
                sd_bus_error_free(&error);
                return 1;
        }
        g_queue_push_tail(&rest->waiting, sd_bus_message_ref(m));
        return 1;
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
        rest = find_rest(face, peer->uid);
        if (rest && m != rest->woken && !is_sign_of_life(m))
                return keep(rest, m);
        if (rest && m == rest->woken)
                rest->woken = sd_bus_message_unref(rest->woken);
        face->pace->working = true;
        face->pace->uid = peer->uid;
        face->pace->begun = spent();
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
        g_source_set_ready_time(face->pace->source, 0);
}

void pace_worked(Face *face) {
        struct Pace *pace = face->pace;
        usec_t took;
        Rest *rest;

        if (!pace->working)
                return;
        pace->working = false;
        took = usec_sub(spent(), pace->begun);
        rest = find_rest(face, pace->uid);
        if (took > PACE_FREE_USEC) {
                rest = make_rest(face, pace->uid);
                rest->until = usec_add((usec_t)g_get_monotonic_time(),
                                       MIN((took - PACE_FREE_USEC) * PAY_BACK, REST_MAX_USEC));
        }
        if (rest)
                g_source_set_ready_time(pace->source, 0);
}

static bool is_from(sd_bus_message *m, const Peer *peer) {
        return g_strcmp0(sd_bus_message_get_sender(m), peer->name) == 0;
}

void pace_drop(Face *face, const Peer *peer) {
        Rest *rest = find_rest(face, peer->uid);

        if (!rest)
                return;
        for (GList *l = rest->waiting.head, *next; l; l = next) {
                next = l->next;
                if (!is_from(l->data, peer))
                        continue;
                sd_bus_message_unref(l->data);
                g_queue_delete_link(&rest->waiting, l);
        }
        if (rest->woken && is_from(rest->woken, peer))
                rest->woken = sd_bus_message_unref(rest->woken);
        g_source_set_ready_time(face->pace->source, 0);
}

void pace_init(Face *face) {
        struct Pace *pace = g_new0(struct Pace, 1);

        pace->rests = g_hash_table_new_full(NULL, NULL, NULL, rest_free);
        pace->source = g_source_new(&pace_source_funcs, sizeof(GSource));
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

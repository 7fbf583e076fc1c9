/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* News, see the header. A signal is written once, without a destination; each connection that it is for
 * gets a copy, when its turn comes. */

#include "bus/news.h"

#include "base/log.h"
#include "bus/announce.h"
#include "bus/bus-cleanup.h"
#include "bus/bus-source.h"
#include "bus/pace.h"

/* A turn is for what may be sent in so many milliseconds, or for what is sent in so many microseconds. */
#define TURN_MSEC 2
#define TURN_USEC ((usec_t)500)

struct NewsItem {
        sd_bus_message *m; /* NULL: something else is done, or nothing any more */
        GArray *origins;
        unsigned next;
        NewsFunc func;
        void *data;
};

/* Of one user; there while news of him wait. */
typedef struct Queue {
        uid_t owner;
        GQueue items;
        GHashTable *put_off; /* &id, owned → ProcessChange */
} Queue;

struct News {
        GQueue queues; /* Queue: the next one is at the head */
        GSource *source;
        unsigned allowance; /* of NEWS_AT_ONCE, at this time */
        usec_t at;
};

static void item_free(NewsItem *item) {
        sd_bus_message_unref(item->m);
        g_clear_pointer(&item->origins, g_array_unref);
        g_free(item);
}

static Queue *queue_new(uid_t owner) {
        Queue *queue = g_new0(Queue, 1);

        queue->owner = owner;
        queue->put_off = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
        return queue;
}

static void run(NewsItem *item) {
        NewsFunc func = item->func;

        item->func = NULL;
        if (func)
                func(item->data);
}

static void queue_free(Queue *queue) {
        NewsItem *item;

        while ((item = g_queue_pop_head(&queue->items))) {
                run(item);
                item_free(item);
        }
        g_hash_table_unref(queue->put_off);
        g_free(queue);
}

static Queue *find_queue(const Face *face, uid_t owner) {
        for (GList *l = face->news ? face->news->queues.head : NULL; l; l = l->next)
                if (((Queue *)l->data)->owner == owner)
                        return l->data;
        return NULL;
}

bool news_wait(const Face *face, uid_t owner) {
        return find_queue(face, owner) != NULL;
}

static struct News *desk_of(Face *face) {
        if (face->news)
                return face->news;
        face->news = g_new0(struct News, 1);
        face->news->allowance = NEWS_AT_ONCE;
        return face->news;
}

bool news_allow(Face *face, uid_t owner, unsigned n, size_t bytes) {
        usec_t now = (usec_t)g_get_monotonic_time(), msec;
        struct News *news;

        if (face->kind != FACE_SYSTEM || owner == 0)
                return true;
        if (news_wait(face, owner))
                return false;
        n *= 1 + (unsigned)MIN(bytes / NEWS_BYTES, (size_t)NEWS_AT_ONCE);
        news = desk_of(face);
        msec = usec_sub(now, news->at) / USEC_PER_MSEC;
        if (msec > 0) {
                news->allowance = (unsigned)MIN(news->allowance + msec * NEWS_PER_MSEC,
                                                (usec_t)NEWS_AT_ONCE);
                news->at = now;
        }
        if (n > news->allowance)
                return false;
        news->allowance -= n;
        return true;
}

int news_deliver(Face *face, sd_bus_message *m, uint64_t origin) {
        const Peer *peer = peers_by_origin(face, origin);
        g_autoptr(sd_bus_message) copy = NULL;
        int r;

        if (!peer)
                return 0;
        r = sd_bus_message_new_signal(face->bus, &copy, sd_bus_message_get_path(m),
                                      sd_bus_message_get_interface(m),
                                      sd_bus_message_get_member(m));
        if (r >= 0 && peer->name)
                r = sd_bus_message_set_destination(copy, peer->name);
        if (r >= 0)
                r = sd_bus_message_rewind(m, true);
        if (r >= 0)
                r = sd_bus_message_copy(copy, m, true);
        if (r >= 0)
                r = sd_bus_send(face->bus, copy, NULL);
        if (r < 0)
                log_debug("cannot send %s: %s", sd_bus_message_get_member(m), g_strerror(-r));
        return 1;
}

/* When all else has been told, what was put off is news. */
static void tell_put_off(Face *face, Queue *queue) {
        g_autoptr(GHashTable) put_off = g_steal_pointer(&queue->put_off);
        GHashTableIter iter;
        void *id, *changes;

        queue->put_off = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
        g_hash_table_iter_init(&iter, put_off);
        while (g_hash_table_iter_next(&iter, &id, &changes))
                announce_changes(face, *(const uint64_t *)id,
                                 (ProcessChange)GPOINTER_TO_UINT(changes));
}

/* One message of the queue; how many were sent. */
static unsigned send_next(Face *face, Queue *queue) {
        NewsItem *item = g_queue_peek_head(&queue->items);
        unsigned n = 1;

        if (item->m)
                n = (unsigned)news_deliver(face, item->m,
                                           g_array_index(item->origins, uint64_t, item->next++));
        if (!item->m || item->next == item->origins->len) {
                g_queue_pop_head(&queue->items);
                run(item);
                item_free(item);
        }
        return n;
}

/* The queue at the head is done with, or goes behind the others. */
static void go_round(Face *face) {
        Queue *queue = g_queue_peek_head(&face->news->queues);

        if (queue->items.length == 0)
                tell_put_off(face, queue);
        g_queue_pop_head(&face->news->queues);
        if (queue->items.length > 0) {
                g_queue_push_tail(&face->news->queues, queue);
                return;
        }
        pace_hold(face, queue->owner, false);
        queue_free(queue);
}

static gboolean on_turn(void *userdata) {
        Face *face = userdata;
        struct News *news = face->news;
        usec_t until = usec_add((usec_t)g_get_monotonic_time(), TURN_USEC);
        unsigned sent = 0;

        while (news->queues.length > 0 && sent < TURN_MSEC * NEWS_PER_MSEC &&
               (usec_t)g_get_monotonic_time() < until && !bus_is_behind(face->bus)) {
                sent += send_next(face, g_queue_peek_head(&news->queues));
                go_round(face);
        }
        if (news->queues.length > 0) {
                g_source_set_ready_time(news->source,
                                        g_get_monotonic_time() + TURN_MSEC * USEC_PER_MSEC);
                return G_SOURCE_CONTINUE;
        }
        g_clear_pointer(&news->source, g_source_unref);
        return G_SOURCE_REMOVE;
}

static gboolean dispatch(GSource *source, GSourceFunc callback, void *userdata) {
        return callback(userdata);
}

static GSourceFuncs news_source_funcs = {.dispatch = dispatch};

static void begin_turns(Face *face) {
        struct News *news = face->news;

        if (news->source)
                return;
        news->source = g_source_new(&news_source_funcs, sizeof(GSource));
        g_source_set_static_name(news->source, "news");
        g_source_set_callback(news->source, on_turn, face, NULL);
        g_source_set_ready_time(news->source, 0);
        g_source_attach(news->source, NULL);
}

/* Most news of a user are for the same connections. */
static GArray *share(Queue *queue, GArray *origins) {
        const NewsItem *last = g_queue_peek_tail(&queue->items);

        return g_array_ref(last && last->m && last->origins->len == origins->len &&
                                           memcmp(last->origins->data, origins->data,
                                                  origins->len * sizeof(uint64_t)) == 0
                                   ? last->origins
                                   : origins);
}

static Queue *make_queue(Face *face, uid_t owner) {
        Queue *queue = find_queue(face, owner);

        if (queue)
                return queue;
        queue = queue_new(owner);
        g_queue_push_tail(&desk_of(face)->queues, queue);
        pace_hold(face, owner, true);
        begin_turns(face);
        return queue;
}

int news_send(Face *face, uid_t owner, sd_bus_message *m, GArray *origins) {
        int r = sd_bus_message_seal(m, 1, 0); /* each copy gets a cookie of its own */
        Queue *queue;
        NewsItem *item;

        if (r < 0)
                return r;
        queue = make_queue(face, owner);
        item = g_new0(NewsItem, 1);
        item->m = sd_bus_message_ref(m);
        item->origins = share(queue, origins);
        g_queue_push_tail(&queue->items, item);
        return 0;
}

NewsItem *news_defer(Face *face, uid_t owner, NewsFunc func, void *data) {
        NewsItem *item = g_new0(NewsItem, 1);

        item->func = func;
        item->data = data;
        g_queue_push_tail(&make_queue(face, owner)->items, item);
        return item;
}

void news_cancel(NewsItem *item) {
        item->func = NULL;
}

void news_put_off(Face *face, const Process *process, ProcessChange changes) {
        Queue *queue = find_queue(face, process->owner);
        unsigned before = GPOINTER_TO_UINT(g_hash_table_lookup(queue->put_off, &process->id));

        g_hash_table_replace(queue->put_off, g_memdup2(&process->id, sizeof process->id),
                             GUINT_TO_POINTER(before | changes));
}

ProcessChange news_catch_up(Face *face, const Process *process) {
        Queue *queue = find_queue(face, process->owner);
        unsigned changes = GPOINTER_TO_UINT(g_hash_table_lookup(queue->put_off, &process->id));

        g_hash_table_remove(queue->put_off, &process->id);
        return (ProcessChange)changes;
}

void news_flush(Face *face) {
        usec_t until = usec_add((usec_t)g_get_monotonic_time(), NEWS_FLUSH_USEC);

        while (face->bus && face->news && face->news->queues.length > 0) {
                send_next(face, g_queue_peek_head(&face->news->queues));
                go_round(face);
                if (bus_is_behind(face->bus) && sd_bus_flush(face->bus) < 0)
                        return;
                if ((usec_t)g_get_monotonic_time() >= until) {
                        log_warning("ends before all were told of all that they subscribed to");
                        return;
                }
        }
}

static void drop(Face *face, struct News *news) {
        Queue *queue;

        if (news->source) {
                g_source_destroy(news->source);
                g_source_unref(news->source);
        }
        while ((queue = g_queue_pop_head(&news->queues))) {
                pace_hold(face, queue->owner, false);
                queue_free(queue);
        }
        g_free(news);
}

/* An answer that is given last can make news. */
void news_drop_all(Face *face) {
        while (face->news)
                drop(face, g_steal_pointer(&face->news));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Long answers, see the header. */

#include "bus/listing.h"

#include <errno.h>

#include "base/log.h"
#include "bus/access.h"
#include "bus/announce.h"
#include "bus/bus-cleanup.h"
#include "bus/bus-error.h"
#include "bus/held.h"
#include "bus/objects.h"
#include "bus/vtable.h"
#include "core/group.h"
#include "dbus/proctor-names.h"

#define TURN_USEC ((usec_t)500)

/* A long answer keeps the bus busy, and everybody's messages behind it: 5 MB for 3,000 objects. So on a
 * bus with many users the next one of the same user comes a microsecond later for each byte. */
#define REST_MAX_USEC (10 * USEC_PER_SEC)
#define FREE_BYTES    ((size_t)512 * 1024)

/* What an object takes without its texts, at the most. */
#define OBJECT_BYTES ((size_t)2048)

/* Of one answer. A bus drops whoever sends what is longer than its limit: 32 MiB on the system bus,
 * more elsewhere, where sd-bus has one of 128 MiB. */
#define BYTES_MAX_SYSTEM ((size_t)28 * 1024 * 1024)
#define BYTES_MAX        ((size_t)120 * 1024 * 1024)

typedef struct Listing {
        const ListingKind *kind;
        Held *held;
        /* from its first turn on */
        sd_bus_message *reply;
        GPtrArray *processes; /* a reference each */
        unsigned next;
        size_t bytes;        /* so far */
        GHashTable *changed; /* ids, a set, of what changed since; or NULL */
} Listing;

/* All of one user's, of which one has its turn at a time. It is there until he has rested. */
typedef struct Queue {
        uid_t uid;
        GQueue listings;
        usec_t rests_until;
} Queue;

struct Listings {
        GQueue queues; /* Queue: the one whose turn it was longest ago is at the head */
        GSource *source;
};

static void listing_free(Listing *listing) {
        held_free(listing->held);
        sd_bus_message_unref(listing->reply);
        g_clear_pointer(&listing->processes, g_ptr_array_unref);
        g_clear_pointer(&listing->changed, g_hash_table_unref);
        g_free(listing);
}

static int begin(Listing *listing) {
        g_autoptr(GPtrArray) all = supervisor_list(listing->held->face->supervisor, UID_ANY);
        int r = sd_bus_message_new_method_return(listing->held->m, &listing->reply);

        listing->processes = process_array_new();
        for (unsigned i = 0; i < all->len; i++)
                g_ptr_array_add(listing->processes, process_ref(all->pdata[i]));
        return r < 0 ? r
                     : sd_bus_message_open_container(listing->reply, 'a', listing->kind->contents);
}

static int append_rest(Listing *listing) {
        const ListingKind *kind = listing->kind;
        int r = 0;

        if (kind->append_rest)
                r = kind->append_rest(listing->reply, listing->held->face, listing->held->peer);
        return r < 0 ? r : sd_bus_message_close_container(listing->reply);
}

static size_t bytes_max(const Face *face) {
        return face->kind == FACE_SYSTEM ? BYTES_MAX_SYSTEM : BYTES_MAX;
}

static int append(Listing *listing, Process *process) {
        Face *face = listing->held->face;

        if (!process->supervisor || !access_peer_sees(face, listing->held->peer, process))
                return 0;
        listing->bytes += listing->kind->bytes(process);
        return listing->bytes > bytes_max(face)
                       ? -E2BIG
                       : listing->kind->append(listing->reply, face, process);
}

/* One turn of it. 0: there is more to do; 1: the answer is complete; or negative, -E2BIG if it would be
 * longer than the bus lets through. */
static int work(Listing *listing) {
        usec_t until = usec_add((usec_t)g_get_monotonic_time(), TURN_USEC);
        int r = listing->reply ? 0 : begin(listing);

        while (r >= 0 && listing->next < listing->processes->len) {
                r = append(listing, listing->processes->pdata[listing->next++]);
                if (r >= 0 && (usec_t)g_get_monotonic_time() >= until)
                        return 0;
        }
        if (r >= 0)
                r = append_rest(listing);
        return r < 0 ? r : 1;
}

static int refuse(sd_bus_message *m, int r) {
        sd_bus_error error = SD_BUS_ERROR_NULL;

        if (r != -E2BIG)
                return sd_bus_reply_method_errno(m, r, NULL);
        bus_fail_limit(&error, "bytes of one answer");
        r = sd_bus_reply_method_error(m, &error);
        sd_bus_error_free(&error);
        return r;
}

/* r: what work() returned at last. */
static void finish(Listing *listing, int r) {
        const Held *held = listing->held;
        GHashTableIter iter;
        void *id;

        r = r < 0 ? refuse(held->m, r) : sd_bus_send(NULL, listing->reply, NULL);
        if (r < 0)
                log_debug("cannot answer a call: %s", g_strerror(-r));
        if (!listing->changed)
                return;
        g_hash_table_iter_init(&iter, listing->changed);
        while (g_hash_table_iter_next(&iter, &id, NULL))
                announce_again(held->face, held->peer, *(const uint64_t *)id);
}

static Queue *find_queue(const struct Listings *listings, uid_t uid) {
        for (GList *l = listings->queues.head; l; l = l->next)
                if (((Queue *)l->data)->uid == uid)
                        return l->data;
        return NULL;
}

static Queue *make_queue(Face *face, uid_t uid) {
        Queue *queue;

        if (!face->listings)
                face->listings = g_new0(struct Listings, 1);
        queue = find_queue(face->listings, uid);
        if (queue)
                return queue;
        queue = g_new0(Queue, 1);
        queue->uid = uid;
        g_queue_push_tail(&face->listings->queues, queue);
        return queue;
}

/* After an answer of so many bytes; 0 for none. */
static usec_t rest_after(const Face *face, uid_t uid, size_t bytes) {
        if (face->kind != FACE_SYSTEM || uid == 0 || bytes <= FREE_BYTES)
                return 0;
        return MIN((usec_t)(bytes - FREE_BYTES), REST_MAX_USEC);
}

static void rest(Face *face, Queue *queue, size_t bytes) {
        usec_t duration = rest_after(face, queue->uid, bytes);

        if (duration > 0)
                queue->rests_until = usec_add((usec_t)g_get_monotonic_time(), duration);
}

static void take_turn(Face *face, Queue *queue) {
        Listing *listing = g_queue_peek_head(&queue->listings);
        int r = listing->held->peer ? work(listing) : -ECONNRESET;

        if (r == 0)
                return;
        g_queue_pop_head(&queue->listings);
        rest(face, queue, listing->bytes);
        if (listing->held->peer)
                finish(listing, r);
        listing_free(listing);
}

static bool is_ready(const Queue *queue, usec_t now) {
        return queue->listings.length > 0 && queue->rests_until <= now;
}

static bool is_done(const Queue *queue, usec_t now) {
        return queue->listings.length == 0 && queue->rests_until <= now;
}

/* The next one that is ready has its turn and goes behind the others. */
static void give_turn(Face *face, usec_t now) {
        GQueue *queues = &face->listings->queues;

        for (GList *l = queues->head; l; l = l->next) {
                if (!is_ready(l->data, now))
                        continue;
                g_queue_unlink(queues, l);
                g_queue_push_tail_link(queues, l);
                take_turn(face, l->data);
                return;
        }
}

/* Forgets those that are done with, and returns when to come again. */
static usec_t tidy(struct Listings *listings, usec_t now) {
        usec_t next = USEC_INFINITY;

        for (GList *l = listings->queues.head, *after; l; l = after) {
                Queue *queue = l->data;

                after = l->next;
                if (is_done(queue, now)) {
                        g_free(queue);
                        g_queue_delete_link(&listings->queues, l);
                } else {
                        next = MIN(next, MAX(queue->rests_until, now));
                }
        }
        return next;
}

static gboolean on_turn(void *userdata) {
        Face *face = userdata;
        struct Listings *listings = face->listings;
        usec_t now = (usec_t)g_get_monotonic_time(), next;

        give_turn(face, now);
        next = tidy(listings, now);
        if (next != USEC_INFINITY) {
                g_source_set_ready_time(listings->source, (gint64)next);
                return G_SOURCE_CONTINUE;
        }
        g_clear_pointer(&listings->source, g_source_unref);
        return G_SOURCE_REMOVE;
}

static gboolean dispatch(GSource *source, GSourceFunc callback, void *userdata) {
        return callback(userdata);
}

static GSourceFuncs listing_source_funcs = {.dispatch = dispatch};

static void begin_turns(Face *face) {
        struct Listings *listings = face->listings;

        if (!listings->source) {
                listings->source = g_source_new(&listing_source_funcs, sizeof(GSource));
                g_source_set_static_name(listings->source, "listing");
                g_source_set_callback(listings->source, on_turn, face, NULL);
                g_source_attach(listings->source, NULL);
        }
        g_source_set_ready_time(listings->source, 0);
}

static void put_off(Face *face, Listing *listing) {
        g_queue_push_tail(&make_queue(face, listing->held->peer->uid)->listings, listing);
        begin_turns(face);
}

static bool has_queue(const Face *face, uid_t uid) {
        return face->listings && find_queue(face->listings, uid);
}

int listing_answer(Face *face, sd_bus_message *m, const ListingKind *kind, sd_bus_error *error) {
        Listing *listing;
        Held *held;
        int r = 0;

        if (!sd_bus_message_get_expect_reply(m))
                return 1;
        held = held_begin(face, m, error);
        if (!held)
                return -EBUSY;
        listing = g_new0(Listing, 1);
        listing->kind = kind;
        listing->held = held;
        /* Who has one under way waits for his turn. */
        if (!has_queue(face, held->peer->uid))
                r = work(listing);
        if (r == 0) {
                put_off(face, listing);
                return 1;
        }
        if (rest_after(face, held->peer->uid, listing->bytes) > 0) {
                rest(face, make_queue(face, held->peer->uid), listing->bytes);
                begin_turns(face);
        }
        finish(listing, r);
        listing_free(listing);
        return 1;
}

static size_t object_bytes(const Process *process) {
        return OBJECT_BYTES + process_text_bytes(process);
}

static int append_object(sd_bus_message *reply, Face *face, Process *process) {
        g_autofree char *path = face_process_path(process);
        int r;

        r = sd_bus_message_open_container(reply, 'e', "oa{sa{sv}}");
        if (r >= 0)
                r = vtable_append_object(face->bus, reply, process_vtable, path,
                                         PROCTOR_PROCESS_INTERFACE, process);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* A user has few groups. */
static int append_groups(sd_bus_message *reply, Face *face, const Peer *peer) {
        g_autoptr(GPtrArray) groups = supervisor_list_groups(face->supervisor, UID_ANY);
        int r = 0;

        for (unsigned i = 0; r >= 0 && i < groups->len; i++) {
                Group *group = groups->pdata[i];
                g_autofree char *path = face_group_path(group->id);

                if (!access_peer_sees_group(face, peer, group))
                        continue;
                r = sd_bus_message_open_container(reply, 'e', "oa{sa{sv}}");
                if (r >= 0)
                        r = vtable_append_object(face->bus, reply, group_vtable, path,
                                                 PROCTOR_GROUP_INTERFACE, group);
                if (r >= 0)
                        r = sd_bus_message_close_container(reply);
        }
        return r;
}

int listing_filter(Face *face, sd_bus_message *m) {
        static const ListingKind objects = {
                .contents = "{oa{sa{sv}}}",
                .append = append_object,
                .bytes = object_bytes,
                .append_rest = append_groups,
                .is_copied = true,
        };
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus.ObjectManager",
                                          "GetManagedObjects") <= 0 ||
            !sd_bus_message_has_signature(m, "") ||
            g_strcmp0(sd_bus_message_get_path(m), PROCTOR_ROOT_PATH) != 0)
                return 0;
        r = listing_answer(face, m, &objects, &error);
        if (r < 0)
                r = sd_bus_reply_method_error(m, &error);
        sd_bus_error_free(&error);
        return r < 0 ? r : 1;
}

/* Whether it has been written already is not asked: to tell it once too often does no harm. */
static void note(Listing *listing, const Process *process) {
        uint64_t *id;

        if (!listing->kind->is_copied || !listing->reply || !listing->held->peer ||
            !access_peer_sees(listing->held->face, listing->held->peer, process))
                return;
        if (!listing->changed)
                listing->changed = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
        id = g_new(uint64_t, 1);
        *id = process->id;
        g_hash_table_add(listing->changed, id);
}

void listing_note(Face *face, const Process *process) {
        if (!face->listings)
                return;
        for (GList *l = face->listings->queues.head; l; l = l->next)
                if (((Queue *)l->data)->listings.length > 0)
                        note(g_queue_peek_head(&((Queue *)l->data)->listings), process);
}

void listing_drop_all(Face *face) {
        struct Listings *listings = face->listings;
        Queue *queue;

        face->listings = NULL;
        if (!listings)
                return;
        if (listings->source) {
                g_source_destroy(listings->source);
                g_source_unref(listings->source);
        }
        while ((queue = g_queue_pop_head(&listings->queues))) {
                Listing *listing;

                while ((listing = g_queue_pop_head(&queue->listings)))
                        listing_free(listing);
                g_free(queue);
        }
        g_free(listings);
}

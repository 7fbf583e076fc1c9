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

typedef struct Listing {
        const ListingKind *kind;
        Held *held;
        /* from its first turn on */
        sd_bus_message *reply;
        GPtrArray *processes; /* a reference each */
        unsigned next;
        GHashTable *changed; /* ids, a set, of what changed since; or NULL */
} Listing;

/* All of one user's, of which one has its turn at a time. */
typedef struct Queue {
        uid_t uid;
        GQueue listings;
} Queue;

struct Listings {
        GQueue queues; /* Queue, none empty: the next one is at the head */
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

/* One turn of it. 0: there is more to do; 1: the answer is complete; or negative. */
static int work(Listing *listing) {
        usec_t until = usec_add((usec_t)g_get_monotonic_time(), TURN_USEC);
        Face *face = listing->held->face;
        int r = listing->reply ? 0 : begin(listing);

        while (r >= 0 && listing->next < listing->processes->len) {
                Process *process = listing->processes->pdata[listing->next++];

                if (process->supervisor && access_peer_sees(face, listing->held->peer, process))
                        r = listing->kind->append(listing->reply, face, process);
                if (r >= 0 && (usec_t)g_get_monotonic_time() >= until)
                        return 0;
        }
        if (r >= 0)
                r = append_rest(listing);
        return r < 0 ? r : 1;
}

/* r: what work() returned at last. */
static void finish(Listing *listing, int r) {
        const Held *held = listing->held;
        GHashTableIter iter;
        void *id;

        r = r < 0 ? sd_bus_reply_method_errno(held->m, r, NULL)
                  : sd_bus_send(NULL, listing->reply, NULL);
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

static gboolean on_turn(void *userdata) {
        struct Listings *listings = ((Face *)userdata)->listings;
        Queue *queue = g_queue_pop_head(&listings->queues);
        Listing *listing = g_queue_peek_head(&queue->listings);
        int r = listing->held->peer ? work(listing) : -ECONNRESET;

        if (r != 0) {
                g_queue_pop_head(&queue->listings);
                if (listing->held->peer)
                        finish(listing, r);
                listing_free(listing);
        }
        if (queue->listings.length > 0)
                g_queue_push_tail(&listings->queues, queue);
        else
                g_free(queue);
        if (listings->queues.length > 0)
                return G_SOURCE_CONTINUE;
        g_clear_pointer(&listings->source, g_source_unref);
        return G_SOURCE_REMOVE;
}

static void put_off(Face *face, Listing *listing) {
        uid_t uid = listing->held->peer->uid;
        Queue *queue;

        if (!face->listings)
                face->listings = g_new0(struct Listings, 1);
        queue = find_queue(face->listings, uid);
        if (!queue) {
                queue = g_new0(Queue, 1);
                queue->uid = uid;
                g_queue_push_tail(&face->listings->queues, queue);
        }
        g_queue_push_tail(&queue->listings, listing);
        if (face->listings->source)
                return;
        face->listings->source = g_idle_source_new();
        g_source_set_priority(face->listings->source, G_PRIORITY_DEFAULT);
        g_source_set_callback(face->listings->source, on_turn, face, NULL);
        g_source_attach(face->listings->source, NULL);
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
        finish(listing, r);
        listing_free(listing);
        return 1;
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

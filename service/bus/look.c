/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looks, see the header. The last one is kept for a moment; the expensive ones are kept by process. */

#include "bus/look.h"

/* The properties of one GetAll are read within this time. */
#define FRESH_USEC (2 * USEC_PER_MSEC)

/* What takes more is expensive, and good for this many times as long. */
#define CHEAP_USEC    USEC_PER_MSEC
#define FACTOR        20
#define KEPT_MAX_USEC (60 * USEC_PER_SEC)

typedef struct Look {
        uint64_t id;
        usec_t tree_until, input_until; /* monotonic; 0: there was no look */
        TreeProbe tree;
        bool awaits_input;
} Look;

struct Looks {
        Look last;
        GHashTable *kept; /* &Look.id → Look, of those that were expensive */
};

static struct Looks *looks_of(Face *face) {
        if (!face->looks) {
                face->looks = g_new0(struct Looks, 1);
                face->looks->kept = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL,
                                                          g_free);
        }
        return face->looks;
}

/* When nothing is left of it, there is nothing to look at for long. */
static Look *find(struct Looks *looks, const Process *process) {
        Look *look = process->emptied ? NULL : g_hash_table_lookup(looks->kept, &process->id);

        if (look)
                return look;
        if (looks->last.id != process->id)
                looks->last = (Look){.id = process->id};
        return &looks->last;
}

/* Until when a look is good that began then. */
static usec_t good_until(Face *face, const Process *process, usec_t begun) {
        usec_t now = now_read().monotonic, took = usec_sub(now, begun);
        unsigned n = supervisor_count_running(face->supervisor, process->owner);

        if (took <= CHEAP_USEC || face->kind != FACE_SYSTEM || process->owner == 0)
                return now + FRESH_USEC;
        return now + MIN(took * FACTOR * MAX(n, 1), KEPT_MAX_USEC);
}

static void keep_if_expensive(struct Looks *looks, const Look *look) {
        usec_t now = now_read().monotonic;

        if (look != &looks->last || MAX(look->tree_until, look->input_until) <= now + FRESH_USEC)
                return;
        look = g_memdup2(look, sizeof *look);
        g_hash_table_insert(looks->kept, (void *)&look->id, (void *)look);
}

static void probe(Face *face, Process *process, TreeProbe *ret) {
        if (supervisor_probe(face->supervisor, process, PROBE_ALL, ret) < 0)
                *ret = (TreeProbe){
                        .cpu_nsec = process->status.cpu_nsec,
                        .peak_bytes = process->status.peak_bytes,
                };
        else if (!process_is_running(process)) {
                ret->cpu_nsec = MAX(ret->cpu_nsec, process->status.cpu_nsec);
                ret->peak_bytes = process->status.peak_bytes;
        }
}

const TreeProbe *look_at_tree(Face *face, Process *process) {
        struct Looks *looks = looks_of(face);
        Look *look = find(looks, process);
        usec_t now = now_read().monotonic;

        if (now >= look->tree_until) {
                probe(face, process, &look->tree);
                look->tree_until = good_until(face, process, now);
                keep_if_expensive(looks, look);
        }
        return &look->tree;
}

bool look_at_input(Face *face, Process *process) {
        struct Looks *looks = looks_of(face);
        Look *look = find(looks, process);
        usec_t now = now_read().monotonic;

        if (now >= look->input_until) {
                look->awaits_input = supervisor_waits_for_input(face->supervisor, process);
                look->input_until = good_until(face, process, now);
                keep_if_expensive(looks, look);
        }
        return look->awaits_input;
}

void look_forget(Face *face, const Process *process) {
        if (!face->looks)
                return;
        g_hash_table_remove(face->looks->kept, &process->id);
        if (face->looks->last.id == process->id)
                face->looks->last = (Look){};
}

void look_done(Face *face) {
        if (!face->looks)
                return;
        g_hash_table_unref(face->looks->kept);
        g_clear_pointer(&face->looks, g_free);
}

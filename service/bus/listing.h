/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Answers with an entry for each process that the caller may see. There may be ten thousand of them,
 * and the service has one thread: what takes longer than a moment is continued in later turns of the
 * loop, between which it does everything else, for one user after the other.
 *
 * The answer is of no single moment then. What changed while it was written is told again behind it,
 * so that whoever keeps a copy of all objects ends with a true one.
 *
 * Nobody gets more in one answer than the bus lets through: LimitsExceeded. */

#include <systemd/sd-bus.h>

#include "bus/face.h"

typedef struct ListingKind {
        const char *contents; /* of the array that the answer is */
        int (*append)(sd_bus_message *reply, Face *face, Process *process);
        size_t (*bytes)(const Process *process); /* about, that it takes there */
        /* More entries at the end, all in one turn; or NULL. */
        int (*append_rest)(sd_bus_message *reply, Face *face, const Peer *peer);
        bool is_copied; /* callers keep it, and follow the signals about it */
} ListingKind;

/* Answers m, now or later. Returns what a handler returns. */
int listing_answer(Face *face, sd_bus_message *m, const ListingKind *kind, sd_bus_error *error);

/* For the filter: answers GetManagedObjects of the root; 0 if m is something else. */
int listing_filter(Face *face, sd_bus_message *m);

/* The process has changed, or is not there any more. */
void listing_note(Face *face, const Process *process);

/* Ends those that are under way, unanswered. */
void listing_drop_all(Face *face);

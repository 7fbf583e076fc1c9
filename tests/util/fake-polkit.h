/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A polkit that answers as it is told, and writes down what it was asked. */

#include "util/room.h"

typedef enum PolkitMood {
        POLKIT_ABSENT, /* nobody has the name */
        POLKIT_NO,
        POLKIT_CHALLENGE,
        POLKIT_YES,
        POLKIT_ERROR,
        POLKIT_NONSENSE, /* answers with something else */
        POLKIT_SILENT,   /* keeps the questions; see fake_polkit_answer() */
        _POLKIT_MOOD_MAX,
} PolkitMood;

typedef struct FakePolkit {
        Room *room;
        sd_bus *bus;
        GSource *source;
        PolkitMood mood;
        bool has_name;
        unsigned n_questions, n_cancelled;
        char *subject; /* of the last question: "system-bus-name :1.7" */
        char *action;
        char *details; /* "key=value; …" */
        uint32_t flags;
        GPtrArray *kept; /* sd_bus_message */
} FakePolkit;

void fake_polkit_init(FakePolkit *polkit, Room *room);
void fake_polkit_done(FakePolkit *polkit);
void fake_polkit_set(FakePolkit *polkit, PolkitMood mood);

/* Answers everything that it was silent about. */
void fake_polkit_answer(FakePolkit *polkit, PolkitMood mood);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Calls that are kept for later, in their order, and how much they weigh together. The bus lets through
 * 32 MiB in one message, and sd-bus does not say how large one is. */

#include <glib.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

/* What a message weighs that has nothing in it: sd-bus's part and the header. */
#define MESSAGE_WEIGHT_MIN ((size_t)1024)

/* What is heavier is not weighed to its end, and counts as the heaviest that there can be. */
#define MESSAGE_WEIGHED_MAX ((size_t)256 * 1024)
#define MESSAGE_WEIGHT_MAX  ((size_t)32 * 1024 * 1024)

/* About how many bytes it takes. m is read from its beginning afterwards. */
size_t message_weight(sd_bus_message *m);

typedef struct Backlog {
        GQueue messages; /* Kept */
        size_t weight;
} Backlog;

typedef struct Kept {
        sd_bus_message *m; /* a reference */
        size_t weight;
} Kept;

/* They weigh as much as they may. One message is never too heavy. */
bool backlog_is_full(const Backlog *backlog, size_t max);

/* Keeps m behind the others. */
void backlog_push(Backlog *backlog, sd_bus_message *m);

/* The first one, with its reference, or NULL. */
sd_bus_message *backlog_pop(Backlog *backlog);

/* Whether m is the first one. */
bool backlog_begins_with(const Backlog *backlog, const sd_bus_message *m);

bool backlog_is_empty(const Backlog *backlog);

/* Forgets those of that sender, or all. */
void backlog_forget(Backlog *backlog, const char *sender);
void backlog_clear(Backlog *backlog);

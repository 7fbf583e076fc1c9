/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Backlogs, see the header. A message is weighed by reading it, which takes no longer than what reads it
 * later takes. */

#include "bus/backlog.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define ELEMENT_WEIGHT 8 /* with its share of what holds it */

static int take(size_t *left, size_t n) {
        if (n > *left)
                return -E2BIG;
        *left -= n;
        return 0;
}

static bool is_number(const char *contents) {
        return contents && contents[0] && !contents[1] && strchr("ynqiuxtd", contents[0]);
}

/* Numbers are one piece. -EOPNOTSUPP: they are in another byte order. */
static int weigh_numbers(sd_bus_message *m, char type, size_t *left) {
        const void *bytes;
        size_t n;
        int r = sd_bus_message_read_array(m, type, &bytes, &n);

        return r < 0 ? r : take(left, n + ELEMENT_WEIGHT);
}

static int weigh_basic(sd_bus_message *m, char type, size_t *left) {
        union {
                const char *text;
                uint64_t number;
        } value = {.number = 0};
        int r = sd_bus_message_read_basic(m, type, &value);

        if (r < 0)
                return r;
        return take(left, ELEMENT_WEIGHT + (strchr("sog", type) ? strlen(value.text) : 0));
}

static int weigh_contents(sd_bus_message *m, size_t *left);

static int weigh_container(sd_bus_message *m, char type, const char *contents, size_t *left) {
        int r;

        r = sd_bus_message_enter_container(m, type, contents);
        if (r >= 0)
                r = take(left, ELEMENT_WEIGHT);
        if (r >= 0)
                r = weigh_contents(m, left);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* All that is left of what is being read. The protocol allows containers within 64 others at the most. */
static int weigh_contents(sd_bus_message *m, size_t *left) {
        const char *contents;
        char type;
        int r;

        while ((r = sd_bus_message_peek_type(m, &type, &contents)) > 0) {
                r = type == 'a' && is_number(contents) ? weigh_numbers(m, contents[0], left)
                                                       : -EOPNOTSUPP;
                if (r == -EOPNOTSUPP)
                        r = strchr("avre", type) ? weigh_container(m, type, contents, left)
                                                 : weigh_basic(m, type, left);
                if (r < 0)
                        return r;
        }
        return r;
}

size_t message_weight(sd_bus_message *m) {
        size_t left = MESSAGE_WEIGHED_MAX;
        int r = sd_bus_message_rewind(m, true);

        if (r >= 0)
                r = weigh_contents(m, &left);
        (void)sd_bus_message_rewind(m, true);
        return r < 0 ? MESSAGE_WEIGHT_MAX : MESSAGE_WEIGHT_MIN + MESSAGE_WEIGHED_MAX - left;
}

bool backlog_is_full(const Backlog *backlog, size_t max) {
        return backlog->weight >= max;
}

void backlog_push(Backlog *backlog, sd_bus_message *m) {
        Kept *kept = g_new(Kept, 1);

        *kept = (Kept){.m = sd_bus_message_ref(m), .weight = message_weight(m)};
        backlog->weight += kept->weight;
        g_queue_push_tail(&backlog->messages, kept);
}

static sd_bus_message *take_link(Backlog *backlog, GList *link) {
        Kept *kept = link->data;
        sd_bus_message *m = kept->m;

        backlog->weight -= kept->weight;
        g_queue_delete_link(&backlog->messages, link);
        g_free(kept);
        return m;
}

sd_bus_message *backlog_pop(Backlog *backlog) {
        return backlog_is_empty(backlog) ? NULL : take_link(backlog, backlog->messages.head);
}

bool backlog_begins_with(const Backlog *backlog, const sd_bus_message *m) {
        return !backlog_is_empty(backlog) && ((Kept *)backlog->messages.head->data)->m == m;
}

bool backlog_is_empty(const Backlog *backlog) {
        return backlog->messages.length == 0;
}

void backlog_forget(Backlog *backlog, const char *sender) {
        for (GList *l = backlog->messages.head, *next; l; l = next) {
                next = l->next;
                if (g_strcmp0(sd_bus_message_get_sender(((Kept *)l->data)->m), sender) == 0)
                        sd_bus_message_unref(take_link(backlog, l));
        }
}

void backlog_clear(Backlog *backlog) {
        while (!backlog_is_empty(backlog))
                sd_bus_message_unref(backlog_pop(backlog));
}

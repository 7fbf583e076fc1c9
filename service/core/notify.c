/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The notify protocol: lines of NAME=VALUE. Unknown names are allowed and mean nothing here. */

#include "core/notify.h"

#include <glib.h>
#include <limits.h>
#include <string.h>

#include "base/parse.h"

/* Everything that a terminal or a log could take for more than text becomes a space. */
static char *clean_status(const char *value) {
        g_autofree char *valid = g_utf8_make_valid(value, -1);
        GString *clean = g_string_new(NULL);

        for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
                gunichar c = g_utf8_get_char(p);
                size_t before = clean->len;

                g_string_append_unichar(clean, g_unichar_isprint(c) ? c : ' ');
                if (clean->len > NOTIFY_STATUS_MAX) {
                        g_string_truncate(clean, before);
                        break;
                }
        }
        return g_string_free(clean, FALSE);
}

static void parse_usec(const char *value, usec_t *ret) {
        uint64_t usec;

        if (parse_uint64(value, UINT64_MAX, &usec) == 0 && usec > 0)
                *ret = usec;
}

static void parse_assignment(const char *name, const char *value, NotifyMessage *message) {
        uint64_t number;

        if (strcmp(name, "READY") == 0)
                message->ready |= strcmp(value, "1") == 0;
        else if (strcmp(name, "STOPPING") == 0)
                message->stopping |= strcmp(value, "1") == 0;
        else if (strcmp(name, "WATCHDOG") == 0) {
                message->alive |= strcmp(value, "1") == 0;
                message->trouble |= strcmp(value, "trigger") == 0;
        } else if (strcmp(name, "WATCHDOG_USEC") == 0)
                parse_usec(value, &message->watchdog_usec);
        else if (strcmp(name, "EXTEND_TIMEOUT_USEC") == 0)
                parse_usec(value, &message->extend_usec);
        else if (strcmp(name, "ERRNO") == 0) {
                if (parse_uint64(value, INT_MAX, &number) == 0)
                        message->error = (int)number;
        } else if (strcmp(name, "STATUS") == 0) {
                g_free(message->status);
                message->status = clean_status(value);
        }
}

void notify_parse(const char *text, size_t length, NotifyMessage *ret) {
        g_autofree char *copy = NULL;
        char *line, *rest;

        *ret = (NotifyMessage){.error = -1};
        /* a string that was sent with its end, which systemd allows too */
        if (length > 0 && text[length - 1] == '\0')
                length--;
        if (length == 0 || length > NOTIFY_MAX || memchr(text, '\0', length))
                return;
        copy = g_strndup(text, length);
        for (rest = copy; rest;) {
                char *value;

                line = strsep(&rest, "\n");
                value = strchr(line, '=');
                if (!value)
                        continue;
                *value++ = '\0';
                parse_assignment(line, value, ret);
        }
}

void notify_message_done(NotifyMessage *message) {
        g_clear_pointer(&message->status, g_free);
}

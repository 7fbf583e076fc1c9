/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The notify protocol: lines of NAME=VALUE. Unknown names are allowed and mean nothing here. */

#include "core/notify.h"

#include <glib.h>
#include <limits.h>
#include <string.h>

#include "base/parse.h"
#include "base/text.h"

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
                message->status = text_clean(value, strlen(value), NOTIFY_STATUS_MAX);
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

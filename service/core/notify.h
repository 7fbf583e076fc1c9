/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One message of systemd's notify protocol (sd_notify(3)), as facts. Pure, and strict: a line that is
 * not well-formed is left out, and what follows it is still read. */

#include <stdbool.h>
#include <stddef.h>

#include "base/time-util.h"

/* Bytes of a message; a longer one is no message. */
#define NOTIFY_MAX 4096
/* Bytes of STATUS= that are kept. */
#define NOTIFY_STATUS_MAX 256

typedef struct NotifyMessage {
        bool ready;           /* READY=1 */
        bool stopping;        /* STOPPING=1 */
        bool alive;           /* WATCHDOG=1 */
        bool trouble;         /* WATCHDOG=trigger */
        usec_t watchdog_usec; /* WATCHDOG_USEC=; 0: not in it */
        usec_t extend_usec;   /* EXTEND_TIMEOUT_USEC=; 0: not in it */
        int error;            /* ERRNO=; −1: not in it */
        char *status;         /* STATUS=, printable UTF-8; NULL: not in it. Owned */
} NotifyMessage;

void notify_parse(const char *text, size_t length, NotifyMessage *ret);
void notify_message_done(NotifyMessage *message);

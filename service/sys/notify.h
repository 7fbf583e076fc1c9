/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A notify socket of one process: datagrams of sd_notify(3) come to it, and whose they are is told by
 * the socket, not by who sent them, so that a helper's last words count too. Only the process's own
 * user and root are listened to. A flood waits in the sender. */

#include "sys/loop.h"

typedef struct Notify Notify;

/* Messages of one process that are read in a second, unless it is set. */
#define NOTIFY_PER_SEC 100

int notify_new(Loop *loop, uid_t uid, unsigned per_sec,
               void (*on_message)(void *userdata, const char *text, size_t length), void *userdata,
               Notify **ret);
Notify *notify_free(Notify *notify);

/* For NOTIFY_SOCKET; lives as long as the socket. */
const char *notify_address(const Notify *notify);

/* Reads what is there now, within the rate: before an end is told. */
void notify_drain(Notify *notify);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* News: signals about what is one user's to all who are told, and answers to calls that have waited. On a
 * bus with many users one of them can
 * have hundreds of connections that are told of each process that he starts, and the bus has one queue
 * for everybody's answers: so what is more than a little is sent in small parts, of which the users
 * take turns, and all that concerns a user comes in its order.
 *
 * While his news wait, his calls wait too (pace.h): the answers come after the news, and whoever is not
 * told fast enough of what he does does no more of it. What happens by itself meanwhile and can be
 * told at once, as one state instead of several, is put off until the rest has been told. */

#include "bus/announcement.h"
#include "bus/face.h"
#include "core/process.h"

/* Sent at once, of all users together, and how many more for each millisecond since. */
#define NEWS_AT_ONCE  64
#define NEWS_PER_MSEC 12

/* For so many bytes one counts once more. */
#define NEWS_BYTES ((size_t)2048)

/* After which the rest of the news are dropped when the service ends. */
#define NEWS_FLUSH_USEC (2 * USEC_PER_SEC)

/* The news of that user wait. */
bool news_wait(const Face *face, uid_t owner);

/* Sends m, a sealed signal without a destination, to those connections (Peer.origin; one that has left
 * is left out), after what is waiting. A reference to both is taken. */
int news_send(Face *face, uid_t owner, sd_bus_message *m, GArray *origins);

/* Something else that is told one user, what was waiting having been told: func is called once, be it
 * that the bus has gone meanwhile. */
typedef void (*NewsFunc)(void *data);
typedef struct NewsItem NewsItem;
NewsItem *news_defer(Face *face, uid_t owner, NewsFunc func, void *data);

/* It need not be any more: func is not called. */
void news_cancel(NewsItem *item);

/* A copy of m, which is sealed, to one connection, at once. Returns how many that are: 0 if it has
 * left. */
int news_deliver(Face *face, sd_bus_message *m, uint64_t origin);

/* Of a process whose owner's news wait: these changes are told when its turn comes, see
 * announce_changes(). */
void news_put_off(Face *face, const Process *process, ProcessChange changes);

/* What was put off and is told now: nothing of it is left. */
ProcessChange news_catch_up(Face *face, const Process *process);

/* Room for so many that are sent at once, which are counted; bytes is about what is in each, or 0. */
bool news_allow(Face *face, uid_t owner, unsigned n, size_t bytes);

/* Sends what waits, as far as time allows; for the end. */
void news_flush(Face *face);

/* The bus has gone, and who was to be told. */
void news_drop_all(Face *face);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The real bus layer with a supervisor in a fake world, and its clients, all in one thread and one
 * main loop: over socket pairs without a daemon, or on a private dbus-daemon. The fake world runs on
 * the real clock here. Every wait has a deadline and waits for an event. */

#include <systemd/sd-bus.h>

#include "bus/face.h"
#include "util/fake-world.h"

#define ROOM_PATIENCE (20 * USEC_PER_SEC)

typedef struct Room {
        FakeWorld world;
        sd_bus *bus; /* of the service */
        Face *face;
        GSource *source;
        GSource *pump; /* lets the world run */
        bool lost;     /* the service lost its connection */
        char *address; /* of the daemon; NULL: a socket pair */
        GPid daemon;
        GPtrArray *clients;
} Room;

typedef struct Client {
        Room *room;
        sd_bus *bus;
        GSource *source;
        GPtrArray *signals; /* sd_bus_message, all that came */
        bool lost;
} Client;

/* One client over a socket pair. settings may be NULL. */
Client *room_init_private(Room *room, const SupervisorSettings *settings);
/* On a daemon of its own, with no client yet. */
void room_init_bus(Room *room);
/* The same, where no connection may have more match rules than that. */
void room_init_bus_limited(Room *room, unsigned match_rules);
/* On a bus where every user may come, as on the system bus, by a service that serves them all. Skips
 * the test without root, who alone can be anybody. settings may be NULL. */
void room_init_system(Room *room, const SupervisorSettings *settings);
void room_done(Room *room);

Client *room_client(Room *room);
/* The same of another user: 1001, 1002, 2147483648, 4000000000, or one that there is. */
Client *room_client_of(Room *room, uid_t uid);
/* The client leaves, as a program that dies does. */
void client_leave(Client *client);

/* Turns the loop until check(userdata) holds; fails the test after ROOM_PATIENCE. */
void room_until(Room *room, bool (*check)(void *userdata), void *userdata);
/* Turns the loop until what the client sent before was worked off and answered. */
void client_settle(Client *client);

/* A call that is under way: reply is NULL until it is answered. */
typedef struct Call {
        sd_bus_message *reply;
        sd_bus_slot *slot;
} Call;

/* Sends; m is taken over. */
Call *client_send(Client *client, sd_bus_message *m);
sd_bus_message *client_message(Client *client, const char *path, const char *interface,
                               const char *member);
Call *call_free(Call *call);
bool call_is_answered(void *call);

/* Calls and waits; the answer, an error or not, is to be unref'd. types may be NULL. */
sd_bus_message *client_call(Client *client, const char *path, const char *interface,
                            const char *member, const char *types, ...);

/* "ok" or the name of the error, and its sentence. */
const char *answer_name(sd_bus_message *reply);
const char *answer_text(sd_bus_message *reply);
/* Fails the test if the answer is not that. Unrefs it. */
#define expect_answer(reply, name) expect_answer_at(reply, name, __FILE__, __LINE__)
void expect_answer_at(sd_bus_message *reply, const char *name, const char *file, int line);

/* Starts a fake process; its path, new string. */
char *client_start(Client *client, const char *key, const char *type, ...);

unsigned client_count_signals(Client *client, const char *member);
/* The members of the signals that came, "; " between them; forgets them. */
char *client_take_signals(Client *client);

#define MANAGER  "org.proctor1.Manager"
#define WATCHDOG "org.proctor1.Watchdog"
#define PROCESS  "org.proctor1.Process"
#define ROOT     "/org/proctor1"
#define INVALID  "org.freedesktop.DBus.Error.InvalidArgs"
#define LIMITS   "org.freedesktop.DBus.Error.LimitsExceeded"

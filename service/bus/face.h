/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The face of the supervisor on one bus connection: its objects, who calls, who is told. Shared by
 * the files of this folder; main.c sees only the functions at the end. */

#include <glib.h>
#include <systemd/sd-bus.h>

#include "bus/peers.h"
#include "core/supervisor.h"

typedef enum FaceKind {
        FACE_BUS,     /* a bus where only one user and root are: session, or any address */
        FACE_PRIVATE, /* one connection and no bus: the peer has no name */
        FACE_SYSTEM,  /* a bus with many users: each has his own processes, served by root */
        _FACE_KIND_MAX,
} FaceKind;

/* What one caller may have. */
typedef struct FaceLimits {
        uint32_t held;               /* calls of one connection that wait */
        uint32_t questions_per_peer; /* to polkit, that are not answered */
        uint32_t questions_per_user;
        uint64_t output_bytes; /* kept of a stream of whoever does not say how much */
} FaceLimits;

#define FACE_LIMITS_DEFAULT                                                                        \
        ((FaceLimits){.held = HELD_MAX,                                                            \
                      .questions_per_peer = 4,                                                     \
                      .questions_per_user = 16,                                                    \
                      .output_bytes = OUTPUT_LIMIT_DEFAULT})

/* Calls of one connection that may wait at the same time, unless it is set. */
#define HELD_MAX 128

typedef struct Face {
        FaceKind kind;
        FaceLimits limits;
        sd_bus *bus;
        Supervisor *supervisor;
        uid_t uid; /* of the service */
        char **features;
        char *working_directory; /* of the service, which a process gets unless it asks */
        Peers peers;
        void (*idle)(void *userdata);
        void *idle_userdata;
        GHashTable *held;          /* Held, a set: the starts that are not settled are in it too */
        struct Listings *listings; /* listing.c's; NULL: there never were any */
        struct Leave *leave;       /* it is leaving the bus; owned */
        struct Pace *pace;         /* pace.c's */
        struct News *news;         /* news.c's; NULL: there never were any */
        struct Looks *looks;       /* look.c's; NULL: there never were any */
        sd_bus_slot *slots[10];
        unsigned n_slots;
        Grant *grant;              /* of the handler that is running; access.c's */
        GHashTable *questions;     /* message → Question; questions.c's, as the next two */
        struct Question *question; /* of the message that is dispatched, if it has one */
        uint64_t last_question;
} Face;

/* Registers the objects on an open connection; the name is not requested yet. */
int face_new(FaceKind kind, sd_bus *bus, char **features, Face **ret);
Face *face_free(Face *face);

/* The connection is lost: everybody has left, and nothing can be told. face_attach() serves the same
 * objects on another one. */
void face_detach(Face *face);
int face_attach(Face *face, sd_bus *bus);

/* The events to make the supervisor with; userdata is a Face. */
extern const SupervisorEvents face_events;
void face_set_supervisor(Face *face, Supervisor *supervisor);

/* Before the first call comes. */
void face_set_limits(Face *face, const FaceLimits *limits);

/* Whom to tell when the supervisor was told to end and nothing is left. */
void face_set_idle(Face *face, void (*idle)(void *userdata), void *userdata);

/* It is on a bus, nobody who has called is connected any more, and nothing is under way for anybody,
 * a leave neither. */
bool face_is_unused(const Face *face);

/* Of connections that have called, since it began. */
uint64_t face_count_callers(const Face *face);

/* "/org/proctor1/process/7", new string. */
char *face_process_path(const Process *process);

/* 0 and the id, or negative. */
int face_process_id(const char *path, uint64_t *ret);

/* The same for groups; "/" for the id 0. */
char *face_group_path(uint64_t id);
int face_group_id(const char *path, uint64_t *ret);

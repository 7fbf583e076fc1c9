/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Leaving, see the header. Calls that come meanwhile are held, in their order: served without the
 * name they could begin something that is the next service's affair already. */

#include "bus/leave.h"

#include <errno.h>

#include "base/log.h"
#include "bus/backlog.h"
#include "dbus/proctor-names.h"

#define LINGER_MSEC     100
#define HELD_WEIGHT_MAX ((size_t)16 * 1024 * 1024)

typedef enum LeaveState {
        LEAVE_RELEASING,
        LEAVE_NAMELESS,
        LEAVE_RETAKING,
        _LEAVE_STATE_MAX,
} LeaveState;

struct Leave {
        Face *face;
        LeaveKind kind;
        LeaveState state;
        LeaveFunc func;
        void *userdata;
        sd_bus_slot *slot;
        unsigned linger_id;
        Backlog held;
};

bool leave_is_holding(const Leave *leave) {
        return !backlog_is_empty(&leave->held);
}

static void refuse(sd_bus_message *m, const char *error, const char *text) {
        (void)sd_bus_reply_method_errorf(m, error, "%s", text);
}

static void refuse_held(Leave *leave) {
        sd_bus_message *m;

        while ((m = backlog_pop(&leave->held))) {
                refuse(m, PROCTOR_ERROR_NAME_SHUTTING_DOWN, "The service is ending");
                sd_bus_message_unref(m);
        }
}

Leave *leave_free(Leave *leave) {
        if (!leave)
                return NULL;
        refuse_held(leave);
        if (leave->linger_id != 0)
                g_source_remove(leave->linger_id);
        sd_bus_slot_unref(leave->slot);
        g_free(leave);
        return NULL;
}

static void end(Leave *leave, LeaveEnd end) {
        LeaveFunc func = leave->func;
        void *userdata = leave->userdata;

        leave->face->leave = NULL;
        leave_free(leave);
        func(userdata, end);
}

/* The callers are new ones: their calls wait until the bus has said who they are, so that those that
 * come from now on queue up behind them. */
static void stay(Leave *leave) {
        sd_bus_message *m;

        while ((m = backlog_pop(&leave->held))) {
                if (peers_admit(leave->face, m) < 0)
                        refuse(m, SD_BUS_ERROR_ACCESS_DENIED,
                               "The bus does not say who is calling");
                sd_bus_message_unref(m);
        }
        end(leave, LEAVE_STAYED);
}

static int on_taken(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Leave *leave = userdata;
        uint32_t answer = 0;

        if (!sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "u", &answer) >= 0 &&
            answer == 1 /* primary owner */) {
                stay(leave);
                return 0;
        }
        log_warning("was called while leaving, and another service has the name already");
        end(leave, LEAVE_LEFT);
        return 0;
}

static void somebody_called(Leave *leave) {
        int r = -ECANCELED;

        if (leave->linger_id != 0)
                g_source_remove(leave->linger_id);
        leave->linger_id = 0;
        leave->state = LEAVE_RETAKING;
        leave->slot = sd_bus_slot_unref(leave->slot);
        if (leave->kind == LEAVE_REVOCABLE)
                r = sd_bus_request_name_async(leave->face->bus, &leave->slot, PROCTOR_BUS_NAME, 0,
                                              on_taken, leave);
        if (r < 0)
                end(leave, LEAVE_LEFT);
}

static gboolean on_lingered(void *userdata) {
        Leave *leave = userdata;

        leave->linger_id = 0;
        end(leave, LEAVE_LEFT);
        return G_SOURCE_REMOVE;
}

static int on_released(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Leave *leave = userdata;

        if (sd_bus_message_is_method_error(m, NULL)) {
                log_warning("cannot give up the name " PROCTOR_BUS_NAME ": %s",
                            sd_bus_message_get_error(m)->message);
                stay(leave);
                return 0;
        }
        leave->state = LEAVE_NAMELESS;
        if (leave_is_holding(leave))
                somebody_called(leave);
        else
                leave->linger_id = g_timeout_add(LINGER_MSEC, on_lingered, leave);
        return 0;
}

int leave_hold(Leave *leave, sd_bus_message *m) {
        if (backlog_is_full(&leave->held, HELD_WEIGHT_MAX)) {
                refuse(m, SD_BUS_ERROR_LIMITS_EXCEEDED, "Limit reached: calls while leaving");
                return 1;
        }
        backlog_push(&leave->held, m);
        if (leave->state == LEAVE_NAMELESS)
                somebody_called(leave);
        return 1;
}

int leave_begin(Face *face, LeaveKind kind, LeaveFunc func, void *userdata) {
        Leave *leave = g_new0(Leave, 1);
        int r;

        g_assert(!face->leave && face->kind != FACE_PRIVATE);
        *leave = (Leave){.face = face, .kind = kind, .func = func, .userdata = userdata};
        r = sd_bus_release_name_async(face->bus, &leave->slot, PROCTOR_BUS_NAME, on_released,
                                      leave);
        if (r < 0) {
                leave_free(leave);
                return r;
        }
        face->leave = leave;
        return 0;
}

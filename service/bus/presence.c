/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A connection, and attempts at the next one: the first at once, then with pauses that double, because
 * a bus that restarts is back soon, and one that does not must not be hammered at. Whoever was
 * connected has to come again: unique names of another bus are other people's. */

#include "bus/presence.h"

#include "base/log.h"
#include "base/time-util.h"
#include "bus/bus-cleanup.h"
#include "bus/bus-source.h"
#include "bus/pace.h"
#include "dbus/proctor-names.h"

#define PAUSE_MIN_MSEC 100
#define PAUSE_MAX_MSEC 10000

struct Presence {
        PresenceConfig config;
        sd_bus *bus; /* NULL: there is none */
        GSource *source;
        sd_bus_slot *name_slot;
        unsigned retry_id;
        unsigned pause_msec;
        bool attached;
        bool ending;
};

static void drop(Presence *presence) {
        if (presence->source) {
                g_source_destroy(presence->source);
                g_source_unref(presence->source);
                presence->source = NULL;
        }
        presence->name_slot = sd_bus_slot_unref(presence->name_slot);
        if (presence->attached)
                face_detach(presence->config.face);
        presence->attached = false;
        presence->bus = sd_bus_close_unref(presence->bus);
}

static gboolean on_retry(void *userdata);

static void retry_later(Presence *presence) {
        if (presence->ending || presence->retry_id != 0)
                return;
        presence->retry_id = g_timeout_add(presence->pause_msec, on_retry, presence);
        presence->pause_msec = MIN(2 * presence->pause_msec, PAUSE_MAX_MSEC);
}

static void on_lost(void *userdata, int error) {
        Presence *presence = userdata;

        if (!presence->config.reconnect || presence->ending) {
                presence->config.lost(presence->config.userdata, error);
                return;
        }
        log_warning("lost the bus: %s; what is managed goes on", g_strerror(-error));
        retry_later(presence);
}

static int on_name(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Presence *presence = userdata;
        uint32_t answer;

        if (sd_bus_message_is_method_error(m, NULL) || sd_bus_message_read(m, "u", &answer) < 0 ||
            answer != 1 /* primary owner */) {
                log_warning("cannot take the name " PROCTOR_BUS_NAME " again");
                retry_later(presence);
                return 0;
        }
        log_warning("back on the bus");
        presence->pause_msec = PAUSE_MIN_MSEC;
        return 0;
}

static void on_worked(void *userdata) {
        pace_worked(((Presence *)userdata)->config.face);
}

static void watch(Presence *presence) {
        presence->source = bus_source_new(presence->bus, on_lost, presence);
        bus_source_set_worked(presence->source, on_worked);
        g_source_attach(presence->source, NULL);
}

static int come_back(Presence *presence) {
        g_autoptr(sd_bus) bus = NULL;
        int r = presence->config.reconnect(&bus);

        if (r < 0)
                return r;
        r = face_attach(presence->config.face, bus);
        if (r < 0)
                return r;
        presence->attached = true;
        presence->bus = g_steal_pointer(&bus);
        watch(presence);
        return sd_bus_request_name_async(presence->bus, &presence->name_slot, PROCTOR_BUS_NAME, 0,
                                         on_name, presence);
}

static gboolean on_retry(void *userdata) {
        Presence *presence = userdata;
        int r;

        presence->retry_id = 0;
        drop(presence);
        r = come_back(presence);
        if (r >= 0)
                return G_SOURCE_REMOVE;
        log_debug("the bus is not back: %s", g_strerror(-r));
        retry_later(presence);
        return G_SOURCE_REMOVE;
}

Presence *presence_new(const PresenceConfig *config, sd_bus *bus) {
        Presence *presence = g_new0(Presence, 1);

        presence->config = *config;
        presence->bus = bus;
        presence->attached = true;
        presence->pause_msec = PAUSE_MIN_MSEC;
        watch(presence);
        return presence;
}

void presence_end(Presence *presence) {
        presence->ending = true;
        if (presence->retry_id != 0)
                g_source_remove(presence->retry_id);
        presence->retry_id = 0;
}

Presence *presence_free(Presence *presence) {
        if (!presence)
                return NULL;
        presence_end(presence);
        if (presence->source) {
                g_source_destroy(presence->source);
                g_source_unref(presence->source);
        }
        sd_bus_slot_unref(presence->name_slot);
        sd_bus_flush_close_unref(presence->bus); /* or the last signals are lost */
        g_free(presence);
        return NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings of the watchdog. They are kept as GObject values of their properties, together with
 * whether they were set, since only those are written to the service. */

#include <proctor/proctor-watchdog-config.h>

#include "config-internal.h"

typedef enum WatchdogProperty {
        PROP_0,
        PROP_CHECK_INTERVAL,
        PROP_PROCESS_TIMEOUT,
        PROP_EXTRA_BUFFER,
        PROP_MAX_HANG_TIME,
        PROP_AUTO_KILL,
        PROP_LOG_LEVEL,
        PROP_ACTIVE,
        N_PROPS,
} WatchdogProperty;

struct _ProctorWatchdogConfig {
        GObject parent;
        guint64 usec[N_PROPS]; /* the durations, by property */
        gboolean auto_kill;
        char *log_level;
        gboolean active;
        gboolean is_set[N_PROPS];
};

G_DEFINE_FINAL_TYPE(ProctorWatchdogConfig, proctor_watchdog_config, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static const struct {
        const char *name;
        const char *bus_name;
        const char *blurb;
        guint64 usec;
} durations[N_PROPS] = {
        [PROP_CHECK_INTERVAL] = {"check-interval", "CheckIntervalUSec", "How late a verdict may be",
                                 1 * G_USEC_PER_SEC},
        [PROP_PROCESS_TIMEOUT] = {"process-timeout", "ProcessTimeoutUSec",
                                  "Idle time from which a process is slow", 30 * G_USEC_PER_SEC},
        [PROP_EXTRA_BUFFER] = {"extra-buffer", "ExtraBufferUSec", "Idle time on top until it hangs",
                               5 * G_USEC_PER_SEC},
        [PROP_MAX_HANG_TIME] = {"max-hang-time", "MaxHangTimeUSec", "Idle time until it is killed",
                                60 * G_USEC_PER_SEC},
};

static void proctor_watchdog_config_finalize(GObject *object) {
        g_free(PROCTOR_WATCHDOG_CONFIG(object)->log_level);
        G_OBJECT_CLASS(proctor_watchdog_config_parent_class)->finalize(object);
}

static void proctor_watchdog_config_get_property(GObject *object, guint id, GValue *value,
                                                 GParamSpec *pspec) {
        ProctorWatchdogConfig *self = PROCTOR_WATCHDOG_CONFIG(object);

        switch ((WatchdogProperty)id) {
        case PROP_AUTO_KILL:
                g_value_set_boolean(value, self->auto_kill);
                break;
        case PROP_LOG_LEVEL:
                g_value_set_string(value, self->log_level);
                break;
        case PROP_ACTIVE:
                g_value_set_boolean(value, self->active);
                break;
        default:
                g_value_set_uint64(value, self->usec[id]);
                break;
        }
}

static void watchdog_config_set_usec(ProctorWatchdogConfig *self, WatchdogProperty id,
                                     guint64 usec) {
        self->usec[id] = usec;
        self->is_set[id] = TRUE;
        g_object_notify_by_pspec(G_OBJECT(self), properties[id]);
}

static void proctor_watchdog_config_set_property(GObject *object, guint id, const GValue *value,
                                                 GParamSpec *pspec) {
        ProctorWatchdogConfig *self = PROCTOR_WATCHDOG_CONFIG(object);

        switch ((WatchdogProperty)id) {
        case PROP_AUTO_KILL:
                proctor_watchdog_config_set_auto_kill(self, g_value_get_boolean(value));
                break;
        case PROP_LOG_LEVEL:
                proctor_watchdog_config_set_log_level(self, g_value_get_string(value));
                break;
        default:
                watchdog_config_set_usec(self, (WatchdogProperty)id, g_value_get_uint64(value));
                break;
        }
}

static void proctor_watchdog_config_class_init(ProctorWatchdogConfigClass *class) {
        GObjectClass *object_class = G_OBJECT_CLASS(class);
        GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

        object_class->finalize = proctor_watchdog_config_finalize;
        object_class->get_property = proctor_watchdog_config_get_property;
        object_class->set_property = proctor_watchdog_config_set_property;
        for (guint id = PROP_CHECK_INTERVAL; id <= PROP_MAX_HANG_TIME; id++)
                properties[id] = g_param_spec_uint64(durations[id].name, NULL, durations[id].blurb,
                                                     0, G_MAXUINT64, durations[id].usec, flags);
        properties[PROP_AUTO_KILL] = g_param_spec_boolean(
                "auto-kill", NULL, "Whether a hung process is stopped", TRUE, flags);
        properties[PROP_LOG_LEVEL] = g_param_spec_string(
                "log-level", NULL, "The least level that is logged", "WARNING", flags);
        properties[PROP_ACTIVE] = g_param_spec_boolean("active", NULL,
                                                       "Whether the watchdog was on", TRUE,
                                                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
        g_object_class_install_properties(object_class, N_PROPS, properties);
}

static void proctor_watchdog_config_init(ProctorWatchdogConfig *self) {
        for (guint id = PROP_CHECK_INTERVAL; id <= PROP_MAX_HANG_TIME; id++)
                self->usec[id] = durations[id].usec;
        self->auto_kill = TRUE;
        self->log_level = g_strdup("WARNING");
        self->active = TRUE;
}

ProctorWatchdogConfig *proctor_watchdog_config_new(void) {
        return g_object_new(PROCTOR_TYPE_WATCHDOG_CONFIG, NULL);
}

#define DEFINE_USEC(name, id)                                                                      \
        guint64 proctor_watchdog_config_get_##name(ProctorWatchdogConfig *self) {                  \
                g_return_val_if_fail(PROCTOR_IS_WATCHDOG_CONFIG(self), 0);                         \
                                                                                                   \
                return self->usec[id];                                                             \
        }                                                                                          \
                                                                                                   \
        void proctor_watchdog_config_set_##name(ProctorWatchdogConfig *self, guint64 usec) {       \
                g_return_if_fail(PROCTOR_IS_WATCHDOG_CONFIG(self));                                \
                                                                                                   \
                watchdog_config_set_usec(self, id, usec);                                          \
        }

DEFINE_USEC(check_interval, PROP_CHECK_INTERVAL)
DEFINE_USEC(process_timeout, PROP_PROCESS_TIMEOUT)
DEFINE_USEC(extra_buffer, PROP_EXTRA_BUFFER)
DEFINE_USEC(max_hang_time, PROP_MAX_HANG_TIME)

gboolean proctor_watchdog_config_get_auto_kill(ProctorWatchdogConfig *self) {
        g_return_val_if_fail(PROCTOR_IS_WATCHDOG_CONFIG(self), FALSE);

        return self->auto_kill;
}

void proctor_watchdog_config_set_auto_kill(ProctorWatchdogConfig *self, gboolean auto_kill) {
        g_return_if_fail(PROCTOR_IS_WATCHDOG_CONFIG(self));

        self->auto_kill = auto_kill != FALSE;
        self->is_set[PROP_AUTO_KILL] = TRUE;
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_AUTO_KILL]);
}

const char *proctor_watchdog_config_get_log_level(ProctorWatchdogConfig *self) {
        g_return_val_if_fail(PROCTOR_IS_WATCHDOG_CONFIG(self), NULL);

        return self->log_level;
}

void proctor_watchdog_config_set_log_level(ProctorWatchdogConfig *self, const char *log_level) {
        g_return_if_fail(PROCTOR_IS_WATCHDOG_CONFIG(self));
        g_return_if_fail(log_level);

        /* A level that is no UTF-8 is none of the service's, either; it will say so. */
        g_free(self->log_level);
        self->log_level = g_utf8_make_valid(log_level, -1);
        self->is_set[PROP_LOG_LEVEL] = TRUE;
        g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_LOG_LEVEL]);
}

gboolean proctor_watchdog_config_get_active(ProctorWatchdogConfig *self) {
        g_return_val_if_fail(PROCTOR_IS_WATCHDOG_CONFIG(self), FALSE);

        return self->active;
}

ProctorWatchdogConfig *watchdog_config_from_properties(GVariant *dict) {
        ProctorWatchdogConfig *self = proctor_watchdog_config_new();
        g_autofree char *log_level = NULL;
        gboolean auto_kill;
        guint64 usec;

        for (guint id = PROP_CHECK_INTERVAL; id <= PROP_MAX_HANG_TIME; id++)
                if (g_variant_lookup(dict, durations[id].bus_name, "t", &usec))
                        watchdog_config_set_usec(self, (WatchdogProperty)id, usec);
        if (g_variant_lookup(dict, "AutoKill", "b", &auto_kill))
                proctor_watchdog_config_set_auto_kill(self, auto_kill);
        if (g_variant_lookup(dict, "LogLevel", "s", &log_level))
                proctor_watchdog_config_set_log_level(self, log_level);
        g_variant_lookup(dict, "Active", "b", &self->active);
        return self;
}

GVariant *watchdog_config_to_properties(ProctorWatchdogConfig *self) {
        GVariantBuilder dict = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_VARDICT);

        for (guint id = PROP_CHECK_INTERVAL; id <= PROP_MAX_HANG_TIME; id++)
                if (self->is_set[id])
                        g_variant_builder_add(&dict, "{sv}", durations[id].bus_name,
                                              g_variant_new_uint64(self->usec[id]));
        if (self->is_set[PROP_AUTO_KILL])
                g_variant_builder_add(&dict, "{sv}", "AutoKill",
                                      g_variant_new_boolean(self->auto_kill));
        if (self->is_set[PROP_LOG_LEVEL])
                g_variant_builder_add(&dict, "{sv}", "LogLevel",
                                      g_variant_new_string(self->log_level));
        return g_variant_builder_end(&dict);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The part of org.proctor1.Manager that is about groups: making one, with its options, and finding
 * those that there are. */

#include <errno.h>
#include <string.h>

#include "base/parse.h"
#include "bus/access.h"
#include "bus/bus-cleanup.h"
#include "bus/bus-error.h"
#include "bus/objects.h"
#include "core/group.h"
#include "dbus/proctor-names.h"

#define NAME_RULE "1 to 128 bytes of UTF-8 without control characters"

static int read_on_failure(sd_bus_message *m, GroupConfig *config, sd_bus_error *error) {
        const char *word;
        int r = sd_bus_message_read(m, "s", &word);

        if (r < 0)
                return r;
        config->on_failure = member_failure_from_string(word);
        if ((int)config->on_failure < 0)
                return bus_fail_invalid(error, "Option %s: expected 'continue' or 'stop-all'",
                                        PROCTOR_GROUP_OPTION_ON_MEMBER_FAILURE);
        return 0;
}

static int read_max_parallel(sd_bus_message *m, GroupConfig *config, sd_bus_error *error) {
        return sd_bus_message_read(m, "u", &config->max_parallel);
}

static int read_key_member(sd_bus_message *m, GroupConfig *config, sd_bus_error *error) {
        const char *name;
        int r = sd_bus_message_read(m, "s", &name);

        if (r < 0)
                return r;
        if (!name_is_valid(name))
                return bus_fail_invalid(error, "Option %s: expected " NAME_RULE,
                                        PROCTOR_GROUP_OPTION_KEY_MEMBER);
        config->key_member = g_strdup(name);
        return 0;
}

static const struct {
        const char *key;
        const char *type;
        int (*read)(sd_bus_message *m, GroupConfig *config, sd_bus_error *error);
} group_options[] = {
        {PROCTOR_GROUP_OPTION_ON_MEMBER_FAILURE, "s", read_on_failure},
        {PROCTOR_GROUP_OPTION_MAX_PARALLEL, "u", read_max_parallel},
        {PROCTOR_GROUP_OPTION_KEY_MEMBER, "s", read_key_member},
};

static int read_option(sd_bus_message *m, const char *key, unsigned *seen, GroupConfig *config,
                       sd_bus_error *error) {
        unsigned i = 0;
        const char *type;
        int r;

        while (i < G_N_ELEMENTS(group_options) && strcmp(group_options[i].key, key) != 0)
                i++;
        if (i == G_N_ELEMENTS(group_options))
                return bus_fail_invalid(error, "Unknown option '%s'", key);
        if (*seen & 1u << i)
                return bus_fail_invalid(error, "Option %s is given twice", key);
        *seen |= 1u << i;
        r = sd_bus_message_peek_type(m, NULL, &type);
        if (r < 0)
                return r;
        if (strcmp(type, group_options[i].type) != 0)
                return bus_fail_invalid(error, "Option %s: expected type %s, not %s", key,
                                        group_options[i].type, type);
        r = sd_bus_message_enter_container(m, 'v', type);
        if (r >= 0)
                r = group_options[i].read(m, config, error);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_options(sd_bus_message *m, GroupConfig *config, sd_bus_error *error) {
        unsigned seen = 0;
        const char *key;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &key);
                if (r >= 0)
                        r = read_option(m, key, &seen, config, error);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_group(sd_bus_message *m, GroupConfig *config, sd_bus_error *error) {
        const char *name;
        int r = sd_bus_message_read(m, "s", &name);

        if (r >= 0 && !name_is_valid(name))
                return bus_fail_invalid(error, "The name of the group: expected " NAME_RULE);
        if (r >= 0) {
                config->name = g_strdup(name);
                r = read_options(m, config, error);
        }
        if (r < 0 && !sd_bus_error_is_set(error))
                return bus_fail_errno(error, r, "Cannot read the arguments");
        return r < 0 ? r : 0;
}

int method_create_group(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autofree char *path = NULL, *name = NULL;
        const char *limit = NULL;
        GroupConfig config = {};
        Face *face = userdata;
        const Grant *grant;
        Group *group;
        int r;

        r = read_group(m, &config, error);
        if (r == 0)
                r = access_authorize(face, m, ACCESS_START, NULL, &grant, error);
        if (r != 0) {
                group_config_done(&config);
                return r;
        }
        name = g_strdup(config.name);
        r = group_create(face->supervisor, grant, &config, grant_caller(grant), &group, &limit);
        if (r == CORE_E_NAME_TAKEN)
                return bus_fail(error, PROCTOR_ERROR_NAME_NAME_TAKEN,
                                "There is a group '%s' already", name);
        if (r == CORE_E_LIMIT)
                return bus_fail_limit(error, limit);
        if (r != 0)
                return bus_fail_core(error, r, 0);
        path = face_group_path(group->id);
        return sd_bus_reply_method_return(m, "o", path);
}

/* The caller's own before those of others. */
static Group *find_named(Face *face, const Grant *grant, const char *name) {
        Group *group = supervisor_find_group_named(face->supervisor, name,
                                                   grant_caller(grant)->uid);

        return group ?: supervisor_find_group_named(face->supervisor, name, grant_scope(grant));
}

int method_get_group(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autofree char *path = NULL;
        Face *face = userdata;
        const Grant *grant;
        const char *name;
        Group *group;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        r = access_authorize(face, m, ACCESS_INSPECT, NULL, &grant, error);
        if (r != 0)
                return r;
        group = find_named(face, grant, name);
        if (!group)
                return bus_fail(error, PROCTOR_ERROR_NAME_NO_SUCH_GROUP, "No group '%s'", name);
        path = face_group_path(group->id);
        return sd_bus_reply_method_return(m, "o", path);
}

int method_list_groups(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        g_autoptr(sd_bus_message) reply = NULL;
        g_autoptr(GPtrArray) groups = NULL;
        Face *face = userdata;
        const Grant *grant;
        int r;

        r = access_authorize(face, m, ACCESS_INSPECT, NULL, &grant, error);
        if (r != 0)
                return r;
        groups = supervisor_list_groups(face->supervisor, grant_scope(grant));
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(os)");
        for (unsigned i = 0; r >= 0 && i < groups->len; i++) {
                const Group *group = groups->pdata[i];
                g_autofree char *path = face_group_path(group->id);

                r = sd_bus_message_append(reply, "(os)", path, group->config.name);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot list the groups");
        return sd_bus_send(NULL, reply, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signals about groups, see the header. Like those about processes (announce.c) they are unicast, to
 * those who are subscribed. */

#include "bus/announce-group.h"

#include "base/log.h"
#include "bus/access.h"
#include "bus/bus-cleanup.h"
#include "bus/objects.h"
#include "bus/vtable.h"
#include "core/group.h"
#include "dbus/proctor-names.h"

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define MANAGER_INTERFACE    "org.freedesktop.DBus.ObjectManager"

/* Appends the body of a signal about a group. */
typedef int (*BodyFunc)(sd_bus_message *m, Face *face, Group *group, const void *detail);

typedef struct Announcement {
        const char *path; /* NULL: the object of the group */
        const char *interface;
        const char *member;
        BodyFunc body;
        const void *detail;
} Announcement;

static void send_to(Face *face, const Peer *peer, Group *group, const Announcement *what) {
        g_autofree char *path = what->path ? g_strdup(what->path) : face_group_path(group->id);
        g_autoptr(sd_bus_message) m = NULL;
        int r;

        r = sd_bus_message_new_signal(face->bus, &m, path, what->interface, what->member);
        if (r >= 0 && peer->name)
                r = sd_bus_message_set_destination(m, peer->name);
        if (r >= 0)
                r = what->body(m, face, group, what->detail);
        if (r >= 0)
                r = sd_bus_send(face->bus, m, NULL);
        if (r < 0)
                log_debug("cannot send %s: %s", what->member, g_strerror(-r));
}

static void announce(Face *face, Group *group, const Announcement *what) {
        GHashTableIter iter;
        void *value;

        if (face->peers.n_subscribed == 0)
                return;
        g_hash_table_iter_init(&iter, face->peers.by_origin);
        while (g_hash_table_iter_next(&iter, NULL, &value)) {
                const Peer *peer = value;

                if (peer->subscribed && access_peer_sees_group(face, peer, group))
                        send_to(face, peer, group, what);
        }
}

/* names NULL: all */
static int append_properties(sd_bus_message *m, Face *face, Group *group, const void *names) {
        g_autofree char *path = face_group_path(group->id);

        return vtable_append_properties(face->bus, m, group_vtable, path, PROCTOR_GROUP_INTERFACE,
                                        group, names);
}

static int body_added(sd_bus_message *m, Face *face, Group *group, const void *detail) {
        g_autofree char *path = face_group_path(group->id);
        int r;

        r = sd_bus_message_append(m, "o", path);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sa{sv}}");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'e', "sa{sv}");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", PROCTOR_GROUP_INTERFACE);
        if (r >= 0)
                r = append_properties(m, face, group, NULL);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

void announce_group_added(void *userdata, Group *group) {
        Announcement added = {PROCTOR_ROOT_PATH, MANAGER_INTERFACE, "InterfacesAdded", body_added,
                              NULL};

        announce(userdata, group, &added);
}

static int body_removed(sd_bus_message *m, Face *face, Group *group, const void *detail) {
        g_autofree char *path = face_group_path(group->id);

        return sd_bus_message_append(m, "oas", path, 1, PROCTOR_GROUP_INTERFACE);
}

void announce_group_removed(void *userdata, Group *group) {
        Announcement removed = {PROCTOR_ROOT_PATH, MANAGER_INTERFACE, "InterfacesRemoved",
                                body_removed, NULL};

        announce(userdata, group, &removed);
}

static int body_changed(sd_bus_message *m, Face *face, Group *group, const void *detail) {
        int r = sd_bus_message_append(m, "s", PROCTOR_GROUP_INTERFACE);

        if (r >= 0)
                r = append_properties(m, face, group, detail);
        return r < 0 ? r : sd_bus_message_append(m, "as", 0);
}

void announce_group_changed(void *userdata, Group *group, GroupChange changes) {
        const char *names[6] = {};
        Announcement changed = {NULL, PROPERTIES_INTERFACE, "PropertiesChanged", body_changed,
                                names};
        unsigned n = 0;

        if (changes & GROUP_CHANGE_STATE)
                names[n++] = "State";
        if (changes & GROUP_CHANGE_MEMBERS)
                names[n++] = "Members";
        if (changes & GROUP_CHANGE_RESULT) {
                names[n++] = "Result";
                names[n++] = "ExitCode";
                names[n++] = "FailedMember";
        }
        announce(userdata, group, &changed);
}

static int body_exited(sd_bus_message *m, Face *face, Group *group, const void *detail) {
        const Member *member = detail;

        return sd_bus_message_append(m, "sis", member->name, (int32_t)member->process->exit_code,
                                     result_to_string(member->process->result));
}

void announce_member_exited(void *userdata, Group *group, const Member *member) {
        Announcement exited = {NULL, PROCTOR_GROUP_INTERFACE, "MemberExited", body_exited, member};

        announce(userdata, group, &exited);
}

static int body_failed(sd_bus_message *m, Face *face, Group *group, const void *detail) {
        const Member *member = detail;

        return sd_bus_message_append(m, "ss", member->name, member->error);
}

void announce_member_failed(void *userdata, Group *group, const Member *member) {
        Announcement failed = {NULL, PROCTOR_GROUP_INTERFACE, "MemberFailed", body_failed, member};

        announce(userdata, group, &failed);
}

static int body_finished(sd_bus_message *m, Face *face, Group *group, const void *detail) {
        return append_finished_members(m, group);
}

void announce_group_finished(void *userdata, Group *group) {
        Announcement finished = {NULL, PROCTOR_GROUP_INTERFACE, "Finished", body_finished, NULL};

        announce(userdata, group, &finished);
}

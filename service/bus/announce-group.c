/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signals about groups, see the header. Like those about processes (announce.c) they are unicast, to
 * those who are subscribed. */

#include "bus/announce-group.h"

#include "bus/access.h"
#include "bus/announcement.h"
#include "bus/held.h"
#include "bus/objects.h"
#include "bus/vtable.h"
#include "core/group.h"
#include "dbus/proctor-names.h"

static bool sees(const Face *face, const Peer *peer, const void *group) {
        return access_peer_sees_group(face, peer, group);
}

static void publish(Face *face, const Announcement *what) {
        announcement_publish(face, ((const Group *)what->object)->owner, sees, what);
}

static int body_added(sd_bus_message *m, Face *face, void *object, const void *detail) {
        g_autofree char *path = face_group_path(((const Group *)object)->id);

        return vtable_append_object(face->bus, m, group_vtable, path, PROCTOR_GROUP_INTERFACE,
                                    object);
}

void announce_group_added(void *userdata, Group *group) {
        Announcement added = {PROCTOR_ROOT_PATH,
                              OBJECT_MANAGER_INTERFACE,
                              "InterfacesAdded",
                              body_added,
                              group,
                              NULL};

        publish(userdata, &added);
}

static int body_removed(sd_bus_message *m, Face *face, void *object, const void *detail) {
        g_autofree char *path = face_group_path(((const Group *)object)->id);

        return sd_bus_message_append(m, "oas", path, 1, PROCTOR_GROUP_INTERFACE);
}

void announce_group_removed(void *userdata, Group *group) {
        Announcement removed = {PROCTOR_ROOT_PATH,
                                OBJECT_MANAGER_INTERFACE,
                                "InterfacesRemoved",
                                body_removed,
                                group,
                                NULL};

        held_settle_group(userdata, group);
        publish(userdata, &removed);
}

static int body_changed(sd_bus_message *m, Face *face, void *object, const void *names) {
        g_autofree char *path = face_group_path(((const Group *)object)->id);
        int r = sd_bus_message_append(m, "s", PROCTOR_GROUP_INTERFACE);

        if (r >= 0)
                r = vtable_append_properties(face->bus, m, group_vtable, path,
                                             PROCTOR_GROUP_INTERFACE, object, names);
        return r < 0 ? r : sd_bus_message_append(m, "as", 0);
}

/* A signal of the group's own object. */
static void publish_at_group(void *userdata, Group *group, const char *interface,
                             const char *member,
                             int (*body)(sd_bus_message *m, Face *face, void *object,
                                         const void *detail),
                             const void *detail) {
        g_autofree char *path = face_group_path(group->id);
        Announcement what = {path, interface, member, body, group, detail};

        publish(userdata, &what);
}

void announce_group_changed(void *userdata, Group *group, GroupChange changes) {
        const char *names[6] = {};
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
        publish_at_group(userdata, group, PROPERTIES_INTERFACE, "PropertiesChanged", body_changed,
                         names);
}

static int body_exited(sd_bus_message *m, Face *face, void *object, const void *detail) {
        const Member *member = detail;

        return sd_bus_message_append(m, "sis", member->name, (int32_t)member->process->exit_code,
                                     result_to_string(member->process->result));
}

void announce_member_exited(void *userdata, Group *group, const Member *member) {
        publish_at_group(userdata, group, PROCTOR_GROUP_INTERFACE, "MemberExited", body_exited,
                         member);
}

static int body_failed(sd_bus_message *m, Face *face, void *object, const void *detail) {
        const Member *member = detail;

        return sd_bus_message_append(m, "ss", member->name, member->error);
}

void announce_member_failed(void *userdata, Group *group, const Member *member) {
        publish_at_group(userdata, group, PROCTOR_GROUP_INTERFACE, "MemberFailed", body_failed,
                         member);
}

static int body_finished(sd_bus_message *m, Face *face, void *object, const void *detail) {
        return append_finished_members(m, object);
}

void announce_group_finished(void *userdata, Group *group) {
        publish_at_group(userdata, group, PROCTOR_GROUP_INTERFACE, "Finished", body_finished, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Puts the objects on the connection: the two interfaces of the root, the fallback for processes with
 * its finder and enumerator, the object manager, and the filter through which every call comes. */

#include "bus/face.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "bus/access.h"
#include "bus/bus-error.h"
#include "bus/leave.h"
#include "bus/listing.h"
#include "bus/look.h"
#include "bus/news.h"
#include "bus/objects.h"
#include "bus/pace.h"
#include "bus/questions.h"
#include "core/group.h"
#include "dbus/proctor-names.h"

GPtrArray *process_array(Process *process) {
        GPtrArray *one = process_array_new();

        g_ptr_array_add(one, process_ref(process));
        return one;
}

Face *face_of_process(const Process *process) {
        return supervisor_userdata(process->supervisor);
}

char *face_process_path(const Process *process) {
        return g_strdup_printf(PROCTOR_PROCESS_PATH_PREFIX "%" PRIu64, process->id);
}

static int parse_id(const char *path, const char *prefix, uint64_t *ret) {
        if (!g_str_has_prefix(path, prefix))
                return -EINVAL;
        path += strlen(prefix);
        if (path[0] == '0') /* one object, one path */
                return -EINVAL;
        return parse_uint64(path, UINT64_MAX, ret);
}

int face_process_id(const char *path, uint64_t *ret) {
        return parse_id(path, PROCTOR_PROCESS_PATH_PREFIX, ret);
}

char *face_group_path(uint64_t id) {
        if (id == 0)
                return g_strdup(PROCTOR_NO_PATH);
        return g_strdup_printf(PROCTOR_GROUP_PATH_PREFIX "%" PRIu64, id);
}

int face_group_id(const char *path, uint64_t *ret) {
        return parse_id(path, PROCTOR_GROUP_PATH_PREFIX, ret);
}

static int find_process(sd_bus *bus, const char *path, const char *interface, void *userdata,
                        void **ret_found, sd_bus_error *error) {
        Face *face = userdata;
        Process *process;
        uint64_t id;

        if (face_process_id(path, &id) < 0)
                return 0;
        process = supervisor_find(face->supervisor, id);
        if (!process || !access_sees(face, sd_bus_get_current_message(bus), process))
                return 0;
        *ret_found = process;
        return 1;
}

/* libsystemd frees this with free(). */
static char *malloced_path(const Process *process) {
        g_autofree char *path = face_process_path(process);

        return strdup(path);
}

static int enumerate_processes(sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes,
                               sd_bus_error *error) {
        Face *face = userdata;
        sd_bus_message *m = sd_bus_get_current_message(bus);
        g_autoptr(GPtrArray) processes = supervisor_list(face->supervisor, UID_ANY);
        char **nodes = calloc(processes->len + 1, sizeof *nodes);
        unsigned n = 0;

        if (!nodes)
                return -ENOMEM;
        for (unsigned i = 0; i < processes->len; i++)
                if (access_sees(face, m, processes->pdata[i]) &&
                    (nodes[n] = malloced_path(processes->pdata[i])))
                        n++;
        *ret_nodes = nodes;
        return 0;
}

static int find_group(sd_bus *bus, const char *path, const char *interface, void *userdata,
                      void **ret_found, sd_bus_error *error) {
        Face *face = userdata;
        Group *group;
        uint64_t id;

        if (face_group_id(path, &id) < 0)
                return 0;
        group = supervisor_find_group(face->supervisor, id);
        if (!group || !access_sees_group(face, sd_bus_get_current_message(bus), group))
                return 0;
        *ret_found = group;
        return 1;
}

static int enumerate_groups(sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes,
                            sd_bus_error *error) {
        Face *face = userdata;
        sd_bus_message *m = sd_bus_get_current_message(bus);
        g_autoptr(GPtrArray) groups = supervisor_list_groups(face->supervisor, UID_ANY);
        char **nodes = calloc(groups->len + 1, sizeof *nodes);
        unsigned n = 0;

        if (!nodes)
                return -ENOMEM;
        for (unsigned i = 0; i < groups->len; i++) {
                const Group *group = groups->pdata[i];
                g_autofree char *path = face_group_path(group->id);

                if (access_sees_group(face, m, group) && (nodes[n] = strdup(path)))
                        n++;
        }
        *ret_nodes = nodes;
        return 0;
}

/* Stock clients subscribe by how they look: see the contract. */
static void subscribe_lookers(Face *face, sd_bus_message *m) {
        Peer *peer = peers_sender(face, m);
        const char *path = sd_bus_message_get_path(m);

        if (!peer || !path || !g_str_has_prefix(path, PROCTOR_ROOT_PATH))
                return;
        if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus.ObjectManager",
                                          "GetManagedObjects") > 0 ||
            sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Properties", "GetAll") > 0)
                peer_subscribe(peer, true);
}

/* Ours are far shorter. sd-bus looks for an object at each prefix of a path, and reads it whole each
 * time: one with 20,000 parts takes it a third of a second. */
#define OBJECT_PATH_LENGTH_MAX 255

static bool has_endless_path(sd_bus_message *m) {
        const char *path = sd_bus_message_get_path(m);

        return path && strnlen(path, OBJECT_PATH_LENGTH_MAX + 1) > OBJECT_PATH_LENGTH_MAX;
}

static int filter(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Face *face = userdata;
        uint8_t type;
        int r;

        if (sd_bus_message_get_type(m, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
                return 0;
        if (has_endless_path(m)) {
                (void)sd_bus_reply_method_errorf(
                        m, SD_BUS_ERROR_UNKNOWN_OBJECT,
                        "Unknown object: its path is longer than any here");
                return 1;
        }
        if (face->leave)
                return leave_hold(face->leave, m);
        r = peers_admit(face, m);
        if (r < 0) {
                (void)sd_bus_reply_method_errorf(m, SD_BUS_ERROR_ACCESS_DENIED,
                                                 "The bus does not say who is calling");
                return 1;
        }
        if (r > 0)
                return r;
        r = pace_admit(face, m);
        if (r == 0)
                r = access_admit(face, m);
        if (r != 0)
                return r;
        subscribe_lookers(face, m);
        return listing_filter(face, m);
}

static sd_bus_slot **next_slot(Face *face) {
        g_assert(face->n_slots < G_N_ELEMENTS(face->slots));
        return &face->slots[face->n_slots++];
}

static int register_objects(Face *face) {
        sd_bus *bus = face->bus;
        int r;

        r = sd_bus_add_filter(bus, next_slot(face), filter, face);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, next_slot(face), PROCTOR_ROOT_PATH,
                                             PROCTOR_MANAGER_INTERFACE, manager_vtable, face);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, next_slot(face), PROCTOR_ROOT_PATH,
                                             PROCTOR_WATCHDOG_INTERFACE, watchdog_vtable, face);
        if (r >= 0)
                r = sd_bus_add_fallback_vtable(bus, next_slot(face), PROCTOR_PROCESS_PATH,
                                               PROCTOR_PROCESS_INTERFACE, process_vtable,
                                               find_process, face);
        if (r >= 0)
                r = sd_bus_add_node_enumerator(bus, next_slot(face), PROCTOR_PROCESS_PATH,
                                               enumerate_processes, face);
        if (r >= 0)
                r = sd_bus_add_fallback_vtable(bus, next_slot(face), PROCTOR_GROUP_PATH,
                                               PROCTOR_GROUP_INTERFACE, group_vtable, find_group,
                                               face);
        if (r >= 0)
                r = sd_bus_add_node_enumerator(bus, next_slot(face), PROCTOR_GROUP_PATH,
                                               enumerate_groups, face);
        if (r >= 0)
                r = sd_bus_add_object_manager(bus, next_slot(face), PROCTOR_ROOT_PATH);
        return r;
}

static int know_only_peer(Face *face) {
        sd_bus_creds *creds = NULL;
        uid_t uid;
        int r;

        r = sd_bus_get_owner_creds(face->bus, SD_BUS_CREDS_EUID, &creds);
        if (r >= 0)
                r = sd_bus_creds_get_euid(creds, &uid);
        sd_bus_creds_unref(creds);
        if (r >= 0)
                peers_set_only(face, uid);
        return r;
}

/* Those of the machine, and the bus's own. */
static char **name_features(FaceKind kind, char **features) {
        g_autoptr(GStrvBuilder) words = g_strv_builder_new();

        g_strv_builder_addv(words, (const char **)features);
        if (kind == FACE_SYSTEM)
                g_strv_builder_add(words, "polkit");
        return g_strv_builder_end(words);
}

int face_new(FaceKind kind, sd_bus *bus, char **features, Face **ret) {
        Face *face = g_new0(Face, 1);
        int r = 0;

        face->kind = kind;
        face->limits = FACE_LIMITS_DEFAULT;
        face->bus = sd_bus_ref(bus);
        face->uid = geteuid();
        face->features = name_features(kind, features);
        face->working_directory = g_get_current_dir();
        face->held = g_hash_table_new(NULL, NULL);
        questions_init(face);
        pace_init(face);
        peers_init(&face->peers);
        if (kind == FACE_PRIVATE)
                r = know_only_peer(face);
        if (r >= 0)
                r = register_objects(face);
        if (r < 0) {
                face_free(face);
                return r;
        }
        *ret = face;
        return 0;
}

void face_detach(Face *face) {
        face->leave = leave_free(face->leave);
        peers_all_left(face);
        listing_drop_all(face);
        news_drop_all(face);
        while (face->n_slots > 0)
                sd_bus_slot_unref(face->slots[--face->n_slots]);
        face->bus = sd_bus_unref(face->bus);
}

int face_attach(Face *face, sd_bus *bus) {
        int r;

        face->bus = sd_bus_ref(bus);
        r = register_objects(face);
        if (r < 0)
                face_detach(face);
        return r;
}

Face *face_free(Face *face) {
        if (!face)
                return NULL;
        face->leave = leave_free(face->leave);
        listing_drop_all(face);
        news_flush(face);
        news_drop_all(face);
        while (face->n_slots > 0)
                sd_bus_slot_unref(face->slots[--face->n_slots]);
        peers_done(&face->peers);
        look_done(face);
        pace_done(face);
        questions_done(face);
        g_assert(g_hash_table_size(face->held) ==
                 0); /* the supervisor had ended: no start is open */
        g_hash_table_unref(face->held);
        g_strfreev(face->features);
        g_free(face->working_directory);
        sd_bus_unref(face->bus);
        grant_free(face->grant);
        g_free(face);
        return NULL;
}

void face_set_supervisor(Face *face, Supervisor *supervisor) {
        face->supervisor = supervisor;
}

void face_set_limits(Face *face, const FaceLimits *limits) {
        face->limits = *limits;
}

void face_set_idle(Face *face, void (*idle)(void *userdata), void *userdata) {
        face->idle = idle;
        face->idle_userdata = userdata;
}

bool face_is_unused(const Face *face) {
        return face->bus && !face->leave && !face->peers.only &&
               g_hash_table_size(face->peers.by_name) == 0 && g_hash_table_size(face->held) == 0 &&
               g_hash_table_size(face->questions) == 0;
}

uint64_t face_count_callers(const Face *face) {
        return face->peers.last_origin;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one place that decides.
 *
 * On a session bus and on a private connection everything belongs to the service's user, and he and
 * root are the only ones who are served. On the system bus every user is served, and each has what is
 * his own; what is another's does not exist for him. Root sees and controls everything, but what is
 * about "the caller's processes" is about root's own for him too. An unknown identity is refused.
 *
 * What one may not by oneself, polkit may permit, for that one message. It is asked about what the
 * message says, never about an object: the objects are looked up when the answer is there. Whatever is
 * not a clear yes is a no. */

#include "bus/access.h"

#include <string.h>

#include "bus/bus-error.h"
#include "bus/questions.h"
#include "core/group.h"
#include "core/supervisor.h"
#include "dbus/proctor-names.h"

#define PROPERTIES  "org.freedesktop.DBus.Properties"
#define COMMAND_MAX 256
#define DETAILS_MAX 11 /* with the NULL at the end */

static const char *const refusals[_ACCESS_ACTION_MAX] = {
        [ACCESS_START] = "Starting is not permitted",
        [ACCESS_CONTROL] = "The process belongs to another user",
        [ACCESS_INSPECT] = "The process belongs to another user",
        [ACCESS_CONFIGURE] = "Only an administrator may configure the watchdog",
        [ACCESS_RAISE_LIMITS] = "Only an administrator may raise priorities and limits",
        [ACCESS_RUN_AS] = "Only an administrator may run a program as another user",
        [ACCESS_RUN_AS_ROOT] = "Only an administrator may run a program as root",
};

static const char *const action_ids[_ACCESS_ACTION_MAX] = {
        [ACCESS_CONTROL] = "org.proctor1.manage-others",
        [ACCESS_INSPECT] = "org.proctor1.inspect-others",
        [ACCESS_CONFIGURE] = "org.proctor1.configure",
        [ACCESS_RAISE_LIMITS] = "org.proctor1.raise-limits",
        [ACCESS_RUN_AS] = "org.proctor1.run-as",
        [ACCESS_RUN_AS_ROOT] = "org.proctor1.run-as-root",
};

struct Grant {
        Peer *peer;
        Caller caller;
        uid_t scope;
};

Peer *grant_peer(const Grant *grant) {
        return grant->peer;
}

const Caller *grant_caller(const Grant *grant) {
        return &grant->caller;
}

uid_t grant_scope(const Grant *grant) {
        return grant->scope;
}

Grant *grant_keep(const Grant *grant) {
        Grant *copy = g_memdup2(grant, sizeof *grant);

        copy->peer = NULL; /* may have left by then */
        return copy;
}

Grant *grant_free(Grant *grant) {
        g_free(grant);
        return NULL;
}

static bool is_served(const Face *face, const Peer *peer) {
        if (!peer || peer->uid == UID_ANY)
                return false;
        return face->kind == FACE_SYSTEM || peer->uid == face->uid || peer->uid == 0;
}

static bool is_permitted(const Face *face, const Peer *peer, AccessAction action,
                         const Process *object) {
        if (face->kind != FACE_SYSTEM || peer->uid == 0)
                return true;
        switch (action) {
        case ACCESS_START:
                return true;
        case ACCESS_INSPECT:
                /* who asked for it has written its command, and was promised to hear of its end */
                return !object || object->owner == peer->uid || object->asker == peer->uid;
        case ACCESS_CONTROL:
                return !object || object->owner == peer->uid;
        default:
                return false;
        }
}

static Caller caller_of(const Face *face, const Peer *peer) {
        return (Caller){
                .uid = face->kind == FACE_SYSTEM ? peer->uid : face->uid,
                .origin = peer->origin,
        };
}

static uid_t scope_of(const Face *face, const Peer *peer) {
        return face->kind != FACE_SYSTEM || peer->uid == 0 ? UID_ANY : peer->uid;
}

const char *access_action_id(AccessAction action) {
        return action_ids[action];
}

/* What every question says; polkit shows it, and an answer is good for nothing else. */
static void describe(sd_bus_message *m, const char *details[static DETAILS_MAX]) {
        details[0] = "operation";
        details[1] = sd_bus_message_get_member(m);
        details[2] = "object";
        details[3] = sd_bus_message_get_path(m);
        details[4] = NULL;
}

/* sd-bus answers a Set when its function returns, so that one cannot wait there. */
static bool is_set(sd_bus_message *m) {
        return sd_bus_message_is_method_call(m, PROPERTIES, "Set") > 0;
}

static int fail_challenge(sd_bus_error *error) {
        return bus_fail(error, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
                        "Interactive authentication is required, and the call does not allow it");
}

static bool is_interactive(sd_bus_message *m) {
        return sd_bus_message_get_allow_interactive_authorization(m) > 0;
}

/* What polkit says; 0 is a yes. */
static int consult(Face *face, sd_bus_message *m, AccessAction action, const char *const *details,
                   sd_bus_error *error) {
        Verdict verdict = VERDICT_NO;

        if (face->kind == FACE_SYSTEM && action_ids[action])
                verdict = questions_verdict(face, m, action_ids[action], details);
        if (verdict == VERDICT_YES)
                return 0;
        if (verdict == VERDICT_NONE && !is_set(m))
                return questions_ask(face, m, action_ids[action], details, error);
        if (verdict == VERDICT_CHALLENGE && !is_interactive(m))
                return fail_challenge(error);
        return bus_fail(error, SD_BUS_ERROR_ACCESS_DENIED, "%s", refusals[action]);
}

static const Grant *grant(Face *face, Peer *peer) {
        if (!face->grant)
                face->grant = g_new(Grant, 1);
        *face->grant = (Grant){
                .peer = peer,
                .caller = caller_of(face, peer),
                .scope = scope_of(face, peer),
        };
        return face->grant;
}

static int fail_unserved(sd_bus_error *error) {
        return bus_fail(error, SD_BUS_ERROR_ACCESS_DENIED,
                        "This service serves its own user and root alone");
}

/* permitted: the caller may by himself. */
static int decide(Face *face, sd_bus_message *m, AccessAction action, bool permitted,
                  const char *const *details, const Grant **ret, sd_bus_error *error) {
        Peer *peer = peers_sender(face, m);
        int r;

        if (!is_served(face, peer))
                return fail_unserved(error);
        r = permitted ? 0 : consult(face, m, action, details, error);
        if (r == 0)
                *ret = grant(face, peer);
        return r;
}

int access_authorize(Face *face, sd_bus_message *m, AccessAction action, const Process *object,
                     const Grant **ret, sd_bus_error *error) {
        const Peer *peer = peers_sender(face, m);
        const char *details[DETAILS_MAX];

        describe(m, details);
        return decide(face, m, action, peer && is_permitted(face, peer, action, object), details,
                      ret, error);
}

/* For the eyes of an administrator: one line, no control characters, not endless. */
static char *show_command(char *const *argv) {
        g_autofree char *joined = g_strjoinv(" ", (char **)argv);
        g_autofree char *escaped = g_strescape(joined, NULL);

        if (strlen(escaped) <= COMMAND_MAX)
                return g_steal_pointer(&escaped);
        escaped[COMMAND_MAX] = 0;
        return g_strconcat(escaped, "…", NULL);
}

int access_authorize_run_as(Face *face, sd_bus_message *m, const Account *account, const Spec *spec,
                            const Grant **ret, sd_bus_error *error) {
        AccessAction action = account->uid == 0 ? ACCESS_RUN_AS_ROOT : ACCESS_RUN_AS;
        const Peer *peer = peers_sender(face, m);
        g_autofree char *command = show_command(spec->argv);
        g_autofree char *directory = g_strescape(spec->working_directory ?: account->home, NULL);
        const char *details[DETAILS_MAX];

        describe(m, details);
        details[4] = "target_user";
        details[5] = account->name;
        details[6] = "command_line";
        details[7] = command;
        details[8] = NULL;
        if (strlen(directory) <= COMMAND_MAX) {
                details[8] = "directory";
                details[9] = directory;
                details[10] = NULL;
        }
        return decide(face, m, action, peer && peer->uid == 0, details, ret, error);
}

bool access_peer_sees(const Face *face, const Peer *peer, const Process *process) {
        return is_served(face, peer) &&
               (!process || is_permitted(face, peer, ACCESS_INSPECT, process));
}

/* A permission is for the object that the message was sent to, and for no other that it may list. */
static bool names_object(sd_bus_message *m, uint64_t id) {
        const char *path = sd_bus_message_get_path(m);
        uint64_t named;

        return path && (face_process_id(path, &named) >= 0 || face_group_id(path, &named) >= 0) &&
               named == id;
}

/* Whether polkit has permitted that message to look at, or to control, what it names. */
static bool is_let_in(Face *face, sd_bus_message *m) {
        const char *details[DETAILS_MAX];

        describe(m, details);
        return questions_verdict(face, m, action_ids[ACCESS_INSPECT], details) == VERDICT_YES ||
               questions_verdict(face, m, action_ids[ACCESS_CONTROL], details) == VERDICT_YES;
}

bool access_sees(Face *face, sd_bus_message *m, const Process *process) {
        if (!m)
                return false;
        return access_peer_sees(face, peers_sender(face, m), process) ||
               (process && names_object(m, process->id) && is_let_in(face, m));
}

static bool is_permitted_group(const Face *face, const Peer *peer, const Group *group) {
        return face->kind != FACE_SYSTEM || peer->uid == 0 || group->owner == peer->uid;
}

int access_authorize_group(Face *face, sd_bus_message *m, AccessAction action, const Group *object,
                           const Grant **ret, sd_bus_error *error) {
        const Peer *peer = peers_sender(face, m);
        const char *details[DETAILS_MAX];

        describe(m, details);
        return decide(face, m, action, peer && is_permitted_group(face, peer, object), details, ret,
                      error);
}

bool access_peer_sees_group(const Face *face, const Peer *peer, const Group *group) {
        return is_served(face, peer) && is_permitted_group(face, peer, group);
}

bool access_sees_group(Face *face, sd_bus_message *m, const Group *group) {
        if (!m)
                return false;
        return access_peer_sees_group(face, peers_sender(face, m), group) ||
               (names_object(m, group->id) && is_let_in(face, m));
}

static AccessAction action_of_member(sd_bus_message *m) {
        static const char *const looks[] = {"Wait",      "ReadOutput", "OpenOutput", "GetDossier",
                                            "GetStatus", "WaitForAll", NULL};
        const char *interface = sd_bus_message_get_interface(m);
        const char *member = sd_bus_message_get_member(m);

        if (is_set(m))
                return ACCESS_CONTROL;
        if (interface && g_str_has_prefix(interface, "org.freedesktop.DBus."))
                return ACCESS_INSPECT;
        return g_strv_contains(looks, member) ? ACCESS_INSPECT : ACCESS_CONTROL;
}

/* Whether the call is about something that is not the caller's own, or about nothing. */
static bool is_foreign(Face *face, const Peer *peer, const char *path, AccessAction action) {
        const Process *process;
        const Group *group;
        uint64_t id;

        if (face_process_id(path, &id) >= 0) {
                process = supervisor_find(face->supervisor, id);
                return !process || !is_permitted(face, peer, action, process);
        }
        if (face_group_id(path, &id) >= 0) {
                group = supervisor_find_group(face->supervisor, id);
                return !group || !is_permitted_group(face, peer, group);
        }
        return false;
}

/* What polkit must be asked about before the message is dispatched; _ACCESS_ACTION_MAX: nothing. */
static AccessAction action_in_advance(Face *face, const Peer *peer, sd_bus_message *m) {
        AccessAction action = action_of_member(m);
        const char *path = sd_bus_message_get_path(m);

        if (face->kind != FACE_SYSTEM || peer->uid == 0 || !path)
                return _ACCESS_ACTION_MAX;
        if (is_set(m) && strcmp(path, PROCTOR_ROOT_PATH) == 0)
                return ACCESS_CONFIGURE;
        /* The plan would run as the group's owner, which is more than to manage what he runs. */
        if (strcmp(sd_bus_message_get_member(m), "AddProcess") == 0)
                return _ACCESS_ACTION_MAX;
        return is_foreign(face, peer, path, action) ? action : _ACCESS_ACTION_MAX;
}

static int admit(Face *face, sd_bus_message *m, sd_bus_error *error) {
        const Peer *peer = peers_sender(face, m);
        const char *details[DETAILS_MAX];
        AccessAction action;

        if (!is_served(face, peer))
                return fail_unserved(error);
        action = action_in_advance(face, peer, m);
        if (action == _ACCESS_ACTION_MAX)
                return 0;
        describe(m, details);
        switch (questions_verdict(face, m, action_ids[action], details)) {
        case VERDICT_NONE:
                return questions_ask(face, m, action_ids[action], details, error);
        case VERDICT_CHALLENGE:
                return is_interactive(m) ? 0 : fail_challenge(error);
        default:
                return 0; /* a no is for whoever looks for the object */
        }
}

int access_admit(Face *face, sd_bus_message *m) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        questions_turn(face, m);
        r = admit(face, m, &error);
        if (r < 0) {
                /* whatever that says: for a call that wants no reply it says 0 */
                (void)sd_bus_reply_method_error(m, &error);
                r = 1;
        }
        sd_bus_error_free(&error);
        return r;
}

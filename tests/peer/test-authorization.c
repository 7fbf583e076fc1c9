/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who may what, as a table: every method and property of the interfaces × who calls × what polkit says.
 * A member of the XML that has no row is a failure, and so is a row that has no member. What was
 * refused has not happened. (S-02, S-06, S-07, S-10, S-12) */

#include <string.h>

#include "core/group.h"
#include "util/fake-polkit.h"

#define ALICE      1001
#define BOB        1002
#define BIG        4000000000U
#define GROUP      "org.proctor1.Group"
#define PROPERTIES "org.freedesktop.DBus.Properties"

typedef enum Class {
        CLASS_OWN,       /* about what is the caller's, or about nobody: everybody may */
        CLASS_LOOK,      /* at an object: its owner, root, or org.proctor1.inspect-others */
        CLASS_ACT,       /* on an object: the same with org.proctor1.manage-others */
        CLASS_CONFIGURE, /* root, or org.proctor1.configure */
        CLASS_OWNER,     /* on an object: its owner and root, whatever polkit says */
        _CLASS_MAX,
} Class;

typedef enum MemberKind {
        MEMBER_METHOD,
        MEMBER_READ,
        MEMBER_WRITE,
        _MEMBER_KIND_MAX,
} MemberKind;

typedef struct Row {
        const char *interface;
        MemberKind kind;
        Class class;
        const char *members;
} Row;

static const Row table[] = {
        {MANAGER, MEMBER_METHOD, CLASS_OWN,
         "StartProcess AdoptProcess GetProcess ListProcesses WaitMany SendSignalToAll StopAll "
         "CleanupFinished CreateGroup GetGroup ListGroups GetStats Subscribe Unsubscribe Shutdown"},
        {MANAGER, MEMBER_READ, CLASS_OWN, "Version Features NProcesses NRunning"},

        {WATCHDOG, MEMBER_METHOD, CLASS_CONFIGURE, "Start Stop"},
        {WATCHDOG, MEMBER_METHOD, CLASS_OWN,
         "RegisterProcess UnregisterProcess UpdateActivity IsRegistered"},
        {WATCHDOG, MEMBER_READ, CLASS_OWN,
         "CheckIntervalUSec ProcessTimeoutUSec ExtraBufferUSec MaxHangTimeUSec AutoKill LogLevel "
         "Active"},
        {WATCHDOG, MEMBER_WRITE, CLASS_CONFIGURE,
         "CheckIntervalUSec ProcessTimeoutUSec ExtraBufferUSec MaxHangTimeUSec AutoKill LogLevel"},

        {PROCESS, MEMBER_METHOD, CLASS_LOOK, "Wait ReadOutput OpenOutput GetDossier"},
        {PROCESS, MEMBER_METHOD, CLASS_ACT,
         "Stop SendSignal ReportActivity ResizeTerminal OpenTerminal Collect"},
        {PROCESS, MEMBER_READ, CLASS_LOOK, "*"},
        {PROCESS, MEMBER_WRITE, CLASS_ACT, "*"},

        {GROUP, MEMBER_METHOD, CLASS_LOOK, "WaitForAll GetStatus"},
        {GROUP, MEMBER_METHOD, CLASS_ACT, "RemoveProcess StartAll StopAll SendSignal Shutdown"},
        {GROUP, MEMBER_METHOD, CLASS_OWNER, "AddProcess"},
        {GROUP, MEMBER_READ, CLASS_LOOK, "*"},
        {GROUP, MEMBER_WRITE, CLASS_ACT, "*"},
};

static const struct {
        const char *name;
        uid_t uid;
} callers[] = {{"owner", ALICE}, {"other", BOB}, {"root", 0}, {"big", BIG}};

static const char *const moods[] = {"absent", "no", "challenge", "yes", "error", "nonsense"};

static Room room;
static FakePolkit polkit;
static Client *clients[G_N_ELEMENTS(callers)];

typedef struct Listed {
        const char *interface;
        MemberKind kind;
        char *name;
        GString *signature; /* of the arguments, or of the property */
} Listed;

static GPtrArray *members; /* Listed, of the XML */
static const char *parsed_interface;

static void add_member(MemberKind kind, const char *name, const char *signature) {
        Listed *member = g_new0(Listed, 1);

        member->interface = parsed_interface;
        member->kind = kind;
        member->name = g_strdup(name);
        member->signature = g_string_new(signature);
        g_ptr_array_add(members, member);
}

static void on_element(GMarkupParseContext *context, const char *element, const char **keys,
                       const char **values, void *userdata, GError **error) {
        const char *name = NULL, *type = NULL, *direction = NULL, *access = NULL;

        for (; *keys; keys++, values++) {
                name = strcmp(*keys, "name") == 0 ? *values : name;
                type = strcmp(*keys, "type") == 0 ? *values : type;
                direction = strcmp(*keys, "direction") == 0 ? *values : direction;
                access = strcmp(*keys, "access") == 0 ? *values : access;
        }
        if (strcmp(element, "method") == 0)
                add_member(MEMBER_METHOD, name, "");
        else if (strcmp(element, "property") == 0) {
                add_member(MEMBER_READ, name, type);
                if (strcmp(access, "readwrite") == 0)
                        add_member(MEMBER_WRITE, name, type);
        } else if (strcmp(element, "arg") == 0 && g_strcmp0(direction, "in") == 0) {
                Listed *member = members->pdata[members->len - 1];

                g_string_append(member->signature, type);
        }
}

static void read_xml(const char *interface) {
        const GMarkupParser parser = {.start_element = on_element};
        GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, NULL, NULL);
        g_autofree char *path = g_strdup_printf("%s/%s.xml", g_getenv("PROCTOR_INTERFACES"),
                                                interface);
        g_autofree char *text = NULL;

        parsed_interface = interface;
        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        assert_true(g_markup_parse_context_parse(context, text, -1, NULL));
        g_markup_parse_context_free(context);
}

static const Row *row_of(const Listed *member) {
        for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
                g_auto(GStrv) names = g_strsplit(table[i].members, " ", -1);

                if (strcmp(table[i].interface, member->interface) == 0 &&
                    table[i].kind == member->kind &&
                    (strcmp(table[i].members, "*") == 0 ||
                     g_strv_contains((const char *const *)names, member->name)))
                        return &table[i];
        }
        return NULL;
}

static void every_member_has_a_row(void **state) {
        for (unsigned i = 0; i < members->len; i++) {
                const Listed *member = members->pdata[i];

                if (!row_of(member))
                        fail_msg("%s.%s (%u) has no row", member->interface, member->name,
                                 member->kind);
        }
}

static void every_row_has_its_members(void **state) {
        for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
                g_auto(GStrv) names = g_strsplit(table[i].members, " ", -1);

                for (char **name = names; *name && strcmp(*name, "*") != 0; name++) {
                        bool found = false;

                        for (unsigned j = 0; j < members->len && !found; j++) {
                                const Listed *member = members->pdata[j];

                                found = strcmp(member->interface, table[i].interface) == 0 &&
                                        member->kind == table[i].kind &&
                                        strcmp(member->name, *name) == 0;
                        }
                        if (!found)
                                fail_msg("%s has no %s", table[i].interface, *name);
                }
        }
}

/* Something of that type. */
static void append_any(sd_bus_message *m, const char *signature, usec_t duration) {
        for (; *signature; signature++) {
                switch (*signature) {
                case 's':
                        assert_true(sd_bus_message_append(m, "s", "INFO") >= 0);
                        break;
                case 't':
                        assert_true(sd_bus_message_append(m, "t", duration) >= 0);
                        break;
                case 'a': {
                        const char *element = signature + 1;
                        g_autofree char *inner = NULL;

                        signature = strchr("({", *element)
                                            ? strchr(element, *element == '(' ? ')' : '}')
                                            : element;
                        inner = g_strndup(element, (gsize)(signature - element + 1));
                        assert_true(sd_bus_message_open_container(m, 'a', inner) >= 0);
                        assert_true(sd_bus_message_close_container(m) >= 0);
                        break;
                }
                default: {
                        char one[2] = {*signature, 0};

                        assert_non_null(strchr("ubiq", *signature));
                        assert_true(sd_bus_message_append(m, one, 1) >= 0);
                }
                }
        }
}

static sd_bus_message *compose(Client *client, const char *path, const Listed *member) {
        sd_bus_message *m;

        if (member->kind == MEMBER_METHOD) {
                m = client_message(client, path, member->interface, member->name);
                append_any(m, member->signature->str, 0);
                return m;
        }
        m = client_message(client, path, PROPERTIES, member->kind == MEMBER_READ ? "Get" : "Set");
        assert_true(sd_bus_message_append(m, "ss", member->interface, member->name) >= 0);
        if (member->kind == MEMBER_WRITE) {
                assert_true(sd_bus_message_open_container(m, 'v', member->signature->str) >= 0);
                append_any(m, member->signature->str, USEC_PER_MINUTE);
                assert_true(sd_bus_message_close_container(m) >= 0);
        }
        return m;
}

/* What authorization has made of a call; what else goes wrong with it is not its affair. */
static const char *outcome_of(sd_bus_message *reply) {
        const char *name = answer_name(reply);

        if (strcmp(name, SD_BUS_ERROR_ACCESS_DENIED) == 0)
                return "denied";
        if (strcmp(name, SD_BUS_ERROR_UNKNOWN_OBJECT) == 0)
                return "hidden";
        if (strcmp(name, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED) == 0)
                return "challenge";
        return "passed";
}

static const char *expected_of(Class class, unsigned caller, PolkitMood mood) {
        const char *refused = class == CLASS_CONFIGURE ? "denied" : "hidden";
        bool owns = callers[caller].uid == 0 ||
                    (callers[caller].uid == ALICE && class != CLASS_CONFIGURE);

        if (class == CLASS_OWN || owns)
                return "passed";
        if (class == CLASS_OWNER)
                return refused;
        switch (mood) {
        case POLKIT_YES:
                return "passed";
        case POLKIT_CHALLENGE:
                return "challenge";
        default:
                return refused;
        }
}

static const char *const action_ids[_CLASS_MAX] = {
        [CLASS_LOOK] = "org.proctor1.inspect-others",
        [CLASS_ACT] = "org.proctor1.manage-others",
        [CLASS_CONFIGURE] = "org.proctor1.configure",
};

/* polkit is asked when there is something to ask, about the sender as the bus knows him. */
static void check_question(const Row *row, const Client *client, const char *expected) {
        g_autofree char *subject = NULL;
        const char *name;

        if (polkit.mood == POLKIT_ABSENT)
                return;
        if (strcmp(expected, "passed") == 0 && polkit.mood != POLKIT_YES) {
                assert_int_equal(polkit.n_questions, 0);
                return;
        }
        if (polkit.n_questions == 0)
                return;
        assert_int_equal(polkit.n_questions, 1);
        assert_string_equal(polkit.action, action_ids[row->class]);
        assert_true(sd_bus_get_unique_name(client->bus, &name) >= 0);
        subject = g_strconcat("system-bus-name ", name, NULL);
        assert_string_equal(polkit.subject, subject);
        assert_int_equal(polkit.flags, 0);
}

static char *create_group(Client *client) {
        static unsigned n;
        g_autofree char *name = g_strdup_printf("group-%u", n++);
        sd_bus_message *m = client_message(client, ROOT, MANAGER, "CreateGroup"), *reply;
        const char *path;
        char *copy;
        Call *call;

        assert_true(sd_bus_message_append(m, "sa{sv}", name, 0) >= 0);
        call = client_send(client, m);
        room_until(&room, call_is_answered, call);
        reply = call->reply;
        assert_true(sd_bus_message_read(reply, "o", &path) >= 0);
        copy = g_strdup(path);
        call_free(call);
        return copy;
}

/* Nothing of hers has changed. */
static void check_untouched(const char *path, const Listed *member, const char *expected) {
        const Process *process;
        uint64_t id;

        if (strcmp(expected, "passed") == 0)
                return;
        if (face_process_id(path, &id) >= 0) {
                process = supervisor_find(room.world.supervisor, id);
                assert_non_null(process);
                assert_int_equal(process->state, STATE_RUNNING);
                assert_int_equal(process->config.own_policy, 0);
        } else if (face_group_id(path, &id) >= 0) {
                assert_non_null(supervisor_find_group(room.world.supervisor, id));
        } else {
                assert_true(supervisor_watchdog_is_active(room.world.supervisor));
                assert_int_equal(
                        supervisor_watchdog_defaults(room.world.supervisor)->policy.timeout,
                        30 * USEC_PER_SEC);
        }
}

static void restore_watchdog(void) {
        const SupervisorSettings standard = supervisor_settings_default();

        supervisor_watchdog_activate(room.world.supervisor, FAKE_GRANT, true, &room.world.now);
        supervisor_set_watchdog_defaults(room.world.supervisor, FAKE_GRANT, &standard.watchdog,
                                         &room.world.now);
}

static void check_cell(const Listed *member, unsigned caller, PolkitMood mood) {
        const Row *row = row_of(member);
        const char *expected = expected_of(row->class, caller, mood), *outcome;
        g_autofree char *path = NULL;
        Call *call;

        if (strcmp(member->interface, PROCESS) == 0)
                path = client_start(clients[0], NULL, NULL);
        else if (strcmp(member->interface, GROUP) == 0)
                path = create_group(clients[0]);
        else
                path = g_strdup(ROOT);
        polkit.n_questions = 0;
        call = client_send(clients[caller], compose(clients[caller], path, member));
        room_until(&room, call_is_answered, call);
        outcome = outcome_of(call->reply);
        /* an object that a permitted call has made go is not hidden, and PIDs name nobody here */
        if (strcmp(outcome, expected) != 0)
                fail_msg("%s.%s (%u) by %s, polkit %s: %s, not %s: %s", member->interface,
                         member->name, member->kind, callers[caller].name, moods[mood], outcome,
                         expected, answer_text(call->reply));
        check_question(row, clients[caller], expected);
        check_untouched(path, member, expected);
        call_free(call);
        restore_watchdog();
}

static void everybody_may_what_the_table_says(void **state) {
        for (PolkitMood mood = POLKIT_ABSENT; mood <= POLKIT_NONSENSE; mood++) {
                fake_polkit_set(&polkit, mood);
                for (unsigned i = 0; i < members->len; i++)
                        for (unsigned caller = 0; caller < G_N_ELEMENTS(callers); caller++)
                                check_cell(members->pdata[i], caller, mood);
                supervisor_stop_all(room.world.supervisor, FAKE_GRANT, UID_ANY, STOP_FORCE,
                                    &room.world.now);
        }
}

static void free_member(void *data) {
        Listed *member = data;

        g_string_free(member->signature, TRUE);
        g_free(member->name);
        g_free(member);
}

static int set_up(void **state) {
        members = g_ptr_array_new_with_free_func(free_member);
        read_xml(MANAGER);
        read_xml(WATCHDOG);
        read_xml(PROCESS);
        read_xml(GROUP);
        return 0;
}

static int tear_down(void **state) {
        g_ptr_array_unref(members);
        return 0;
}

static int enter_room(void **state) {
        SupervisorSettings settings = supervisor_settings_default();

        settings.limits.groups = QUOTA_UNLIMITED;
        room_init_system(&room, &settings);
        fake_polkit_init(&polkit, &room);
        for (unsigned i = 0; i < G_N_ELEMENTS(callers); i++)
                clients[i] = room_client_of(&room, callers[i].uid);
        return 0;
}

static int leave_room(void **state) {
        fake_polkit_done(&polkit);
        room_done(&room);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_member_has_a_row),
                cmocka_unit_test(every_row_has_its_members),
                cmocka_unit_test_setup_teardown(everybody_may_what_the_table_says, enter_room,
                                                leave_room),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}

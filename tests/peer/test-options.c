/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The options of StartProcess, AdoptProcess and CreateGroup over a private connection: each with wrong
 * types and values out of range is refused with InvalidArgs that names the key; nothing is ignored.
 * (S-25) */

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bus/bus-cleanup.h"
#include "util/room.h"

static Room room;
static Client *client;

static int set_up(void **state) {
        client = room_init_private(&room, NULL);
        return 0;
}

static int tear_down(void **state) {
        room_done(&room);
        return 0;
}

static sd_bus_message *begin(const char *member) {
        sd_bus_message *m = client_message(client, ROOT, MANAGER, member);

        if (strcmp(member, "StartProcess") == 0)
                assert_true(sd_bus_message_append(m, "as", 1, "fake") >= 0);
        else if (strcmp(member, "CreateGroup") == 0)
                assert_true(sd_bus_message_append(m, "s", "group") >= 0);
        else
                assert_true(sd_bus_message_append(m, "u", (uint32_t)getpid()) >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
        return m;
}

static sd_bus_message *finish(sd_bus_message *m) {
        sd_bus_message *reply;
        Call *call;

        assert_true(sd_bus_message_close_container(m) >= 0);
        call = client_send(client, m);
        room_until(&room, call_is_answered, call);
        reply = sd_bus_message_ref(call->reply);
        call_free(call);
        return reply;
}

/* Refused, and the sentence names the key. */
static void expect_refused(sd_bus_message *reply, const char *key) {
        if (strcmp(answer_name(reply), INVALID) != 0 || !strstr(answer_text(reply), key))
                fail_msg("option %s: %s: %s", key, answer_name(reply), answer_text(reply));
        sd_bus_message_unref(reply);
}

typedef enum Use {
        USE_START,
        USE_BOTH,
        USE_ADOPT,
        USE_GROUP,
} Use;

static const struct {
        const char *key;
        const char *type;
        Use use;
} options[] = {
        {"Name", "s", USE_BOTH},
        {"WorkingDirectory", "s", USE_START},
        {"Environment", "a{ss}", USE_START},
        {"UnsetEnvironment", "as", USE_START},
        {"ClearEnvironment", "b", USE_START},
        {"TimeoutUSec", "t", USE_BOTH},
        {"ExtraBufferUSec", "t", USE_BOTH},
        {"MaxHangTimeUSec", "t", USE_BOTH},
        {"AutoKill", "b", USE_BOTH},
        {"RuntimeMaxUSec", "t", USE_BOTH},
        {"ActivitySources", "as", USE_BOTH},
        {"StopSignal", "s", USE_BOTH},
        {"StopTimeoutUSec", "t", USE_BOTH},
        {"HangSignal", "s", USE_BOTH},
        {"HangSignalTimeoutUSec", "t", USE_BOTH},
        {"Stdin", "s|h", USE_START},
        {"Stdout", "s|h", USE_START},
        {"Stderr", "s|h", USE_START},
        {"FileDescriptors", "a{uh}", USE_START},
        {"Terminal", "b", USE_START},
        {"TerminalSize", "(qq)", USE_START},
        {"BindToCaller", "b", USE_BOTH},
        {"Umask", "u", USE_START},
        {"Nice", "i", USE_START},
        {"OOMScoreAdjust", "i", USE_START},
        {"NoNewPrivileges", "b", USE_START},
        {"RLimits", "a{s(tt)}", USE_START},
        {"MemoryMax", "t", USE_START},
        {"TasksMax", "t", USE_START},
        {"CPUWeight", "t", USE_START},
        {"KillMode", "s", USE_START},
        {"User", "s", USE_START},
        {"OutputLimit", "t", USE_START},
        {"Readiness", "s", USE_START},
        {"StartTimeoutUSec", "t", USE_START},
        {"PIDFD", "h", USE_ADOPT},
        {"OnMemberFailure", "s", USE_GROUP},
        {"MaxParallel", "u", USE_GROUP},
        {"KeyMember", "s", USE_GROUP},
};

static void append_zero(sd_bus_message *m, const char *key, const char *type) {
        assert_true(sd_bus_message_open_container(m, 'e', "sv") >= 0);
        assert_true(sd_bus_message_append(m, "s", key) >= 0);
        assert_true(sd_bus_message_open_container(m, 'v', type) >= 0);
        if (*type == 'a') {
                assert_true(sd_bus_message_open_container(m, 'a', type + 1) >= 0);
                assert_true(sd_bus_message_close_container(m) >= 0);
        } else if (*type == 's')
                assert_true(sd_bus_message_append(m, "s", "x") >= 0);
        else if (*type == 'd')
                assert_true(sd_bus_message_append(m, "d", 0.0) >= 0);
        else if (*type == 'h')
                assert_true(sd_bus_message_append(m, "h", STDIN_FILENO) >= 0);
        else if (*type == 't' || *type == 'x')
                assert_true(sd_bus_message_append(m, type, (uint64_t)0) >= 0);
        else if (*type == '(')
                assert_true(sd_bus_message_append(m, type, 1, 1) >= 0);
        else
                assert_true(sd_bus_message_append(m, type, 0) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
}

static void refuses_other_types(const char *member, unsigned option) {
        static const char *const types[] = {"s",  "b", "t",     "u",     "i",     "x",
                                            "d",  "h", "a{ss}", "as",    "a{uh}", "a{s(tt)}",
                                            "ay", "o", "y",     "a{sv}", "a(s)",  "g"};
        g_auto(GStrv) right = g_strsplit(options[option].type, "|", -1);

        for (unsigned k = 0; k < G_N_ELEMENTS(types); k++) {
                sd_bus_message *m;

                if (g_strv_contains((const char *const *)right, types[k]) || *types[k] == 'o' ||
                    *types[k] == 'g')
                        continue;
                m = begin(member);
                append_zero(m, options[option].key, types[k]);
                expect_refused(finish(m), options[option].key);
        }
}

static void every_option_refuses_every_other_type(void **state) {
        for (unsigned i = 0; i < G_N_ELEMENTS(options); i++) {
                if (options[i].use == USE_GROUP)
                        refuses_other_types("CreateGroup", i);
                if (options[i].use == USE_START || options[i].use == USE_BOTH)
                        refuses_other_types("StartProcess", i);
                if (options[i].use == USE_ADOPT || options[i].use == USE_BOTH)
                        refuses_other_types("AdoptProcess", i);
        }
}

/* What the header of both sides defines. */
static void every_option_is_tried(void **state) {
        g_autofree char *path = g_build_filename(g_getenv("PROCTOR_INTERFACES"), "proctor-names.h",
                                                 NULL);
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;
        unsigned n = 0;

        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++) {
                g_auto(GStrv) words = g_strsplit(*line, "\"", 3);
                bool found = false;

                if (!strstr(words[0] ?: "", "#define PROCTOR_") || !strstr(words[0], "OPTION_"))
                        continue;
                for (unsigned i = 0; i < G_N_ELEMENTS(options); i++)
                        found |= strcmp(options[i].key, words[1]) == 0;
                if (!found)
                        fail_msg("no row for the option %s", words[1]);
                n++;
        }
        assert_int_equal(n, G_N_ELEMENTS(options));
}

static void an_option_that_is_given_twice_is_refused(void **state) {
        static const char *const keys[] = {"TimeoutUSec", "Name", "Stdin", "RLimits"};
        static const char *const types[] = {"t", "s", "h", "a{s(tt)}"};

        for (unsigned i = 1; i < G_N_ELEMENTS(keys); i++) {
                sd_bus_message *m = begin("StartProcess");

                append_zero(m, keys[i], types[i]);
                append_zero(m, keys[i], types[i]);
                expect_refused(finish(m), keys[i]);
        }
}

static void unknown_keys_are_refused_by_name(void **state) {
        static const char *const keys[] = {"Foo",        "name",  "",       "Name ",
                                           "TimeoutSec", "Users", "Name\n", "PIDFD"};

        for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
                sd_bus_message *m = begin("StartProcess");

                append_zero(m, keys[i], "s");
                expect_refused(finish(m), keys[i]);
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(options); i++) {
                sd_bus_message *m;

                if (options[i].use == USE_BOTH)
                        continue;
                m = begin(options[i].use == USE_ADOPT ? "StartProcess" : "AdoptProcess");
                append_zero(m, options[i].key, options[i].type[1] == '|' ? "s" : options[i].type);
                expect_refused(finish(m), options[i].key);
        }
}

static void a_user_can_be_named_on_the_system_bus_alone(void **state) {
        sd_bus_message *m = begin("StartProcess");

        append_zero(m, "User", "s");
        expect_answer(finish(m), "org.freedesktop.DBus.Error.NotSupported");
}

#define REFUSED(key, type, ...)                                                                    \
        do {                                                                                       \
                sd_bus_message *m_ = begin("StartProcess");                                        \
                assert_true(sd_bus_message_append(m_, "{sv}", key, type, __VA_ARGS__) >= 0);       \
                expect_refused(finish(m_), key);                                                   \
        } while (0)

#define TAKEN(key, type, ...)                                                                      \
        do {                                                                                       \
                sd_bus_message *m_ = begin("StartProcess");                                        \
                assert_true(sd_bus_message_append(m_, "{sv}", key, type, __VA_ARGS__) >= 0);       \
                expect_answer(finish(m_), "ok");                                                   \
        } while (0)

static void numbers_out_of_range_are_refused(void **state) {
        REFUSED("TimeoutUSec", "t", (uint64_t)0);
        REFUSED("TimeoutUSec", "t", (uint64_t)999);
        TAKEN("TimeoutUSec", "t", (uint64_t)1000);
        TAKEN("TimeoutUSec", "t", UINT64_MAX);
        TAKEN("ExtraBufferUSec", "t", (uint64_t)0);
        TAKEN("MaxHangTimeUSec", "t", (uint64_t)0);
        TAKEN("StopTimeoutUSec", "t", (uint64_t)0);
        REFUSED("RuntimeMaxUSec", "t", (uint64_t)0);
        TAKEN("RuntimeMaxUSec", "t", UINT64_MAX);
        REFUSED("Umask", "u", 01000);
        TAKEN("Umask", "u", 0777);
        REFUSED("Nice", "i", 20);
        REFUSED("Nice", "i", -21);
        TAKEN("Nice", "i", 19);
        REFUSED("OOMScoreAdjust", "i", 1001);
        REFUSED("OOMScoreAdjust", "i", -1001);
        TAKEN("OOMScoreAdjust", "i", 1000);
}

#define ALL_CONTROLLERS ((1u << _CONTROLLER_MAX) - 1)

static void limits_of_a_tree_are_in_range(void **state) {
        room.world.controllers = ALL_CONTROLLERS;
        REFUSED("MemoryMax", "t", (uint64_t)0);
        REFUSED("TasksMax", "t", (uint64_t)0);
        REFUSED("CPUWeight", "t", (uint64_t)0);
        REFUSED("CPUWeight", "t", (uint64_t)10001);
        REFUSED("CPUWeight", "t", UINT64_MAX);
        TAKEN("MemoryMax", "t", (uint64_t)1);
        TAKEN("TasksMax", "t", (uint64_t)1);
        TAKEN("CPUWeight", "t", (uint64_t)10000);
        assert_int_equal(fake_last_tree(&room.world)->control[CONTROLLER_CPU], 10000);
        assert_int_equal(fake_last_tree(&room.world)->control[CONTROLLER_MEMORY], 0);
}

static void without_a_controller_nothing_is_started(void **state) {
        static const char *const options_of[_CONTROLLER_MAX][2] = {
                [CONTROLLER_MEMORY] = {"MemoryMax", "'memory'"},
                [CONTROLLER_PIDS] = {"TasksMax", "'pids'"},
                [CONTROLLER_CPU] = {"CPUWeight", "'cpu'"},
        };

        for (Controller i = 0; i < _CONTROLLER_MAX; i++) {
                sd_bus_message *m = begin("StartProcess"), *reply;

                room.world.controllers = ALL_CONTROLLERS & ~(1u << i);
                assert_true(sd_bus_message_append(m, "{sv}", options_of[i][0], "t",
                                                  (uint64_t)100) >= 0);
                reply = finish(m);
                assert_string_equal(answer_name(reply), "org.freedesktop.DBus.Error.NotSupported");
                assert_non_null(strstr(answer_text(reply), options_of[i][0]));
                assert_non_null(strstr(answer_text(reply), options_of[i][1]));
                sd_bus_message_unref(reply);
        }
        assert_int_equal(room.world.trees->len, 0);
        /* what holds anyway asks for nothing */
        room.world.controllers = 0;
        TAKEN("MemoryMax", "t", UINT64_MAX);
        TAKEN("TasksMax", "t", UINT64_MAX);
}

static void texts_out_of_range_are_refused(void **state) {
        g_autofree char *too_long = g_strnfill(129, 'x'), *longest = g_strnfill(128, 'x');

        REFUSED("Name", "s", "");
        REFUSED("Name", "s", "a\nb");
        REFUSED("Name", "s", too_long);
        TAKEN("Name", "s", longest);
        REFUSED("WorkingDirectory", "s", "");
        REFUSED("WorkingDirectory", "s", "relative");
        TAKEN("WorkingDirectory", "s", "/");
        REFUSED("Environment", "a{ss}", 1, "", "x");
        REFUSED("Environment", "a{ss}", 1, "A=B", "x");
        REFUSED("UnsetEnvironment", "as", 1, "A=B");
        TAKEN("Environment", "a{ss}", 1, "A", "b=c");
        REFUSED("ActivitySources", "as", 1, "start");
        REFUSED("ActivitySources", "as", 1, "nonsense");
        TAKEN("ActivitySources", "as", 1, "report");
        REFUSED("StopSignal", "s", "SIGNONE");
        REFUSED("StopSignal", "s", "0");
        TAKEN("StopSignal", "s", "int");
        REFUSED("HangSignal", "s", "SIGNONE");
        REFUSED("HangSignal", "s", "0");
        TAKEN("HangSignal", "s", "ABRT");
        TAKEN("HangSignal", "s", "");
        REFUSED("HangSignalTimeoutUSec", "t", UINT64_MAX);
        TAKEN("HangSignalTimeoutUSec", "t", (uint64_t)0);
        REFUSED("KillMode", "s", "none");
        TAKEN("KillMode", "s", "process");
        REFUSED("Stdin", "s", "nil");
        REFUSED("Stdin", "s", "journal");
        REFUSED("Stdout", "s", "");
        TAKEN("Stderr", "s", "null");
        REFUSED("RLimits", "a{s(tt)}", 1, "NOSUCH", (uint64_t)1, (uint64_t)1);
        REFUSED("RLimits", "a{s(tt)}", 1, "NOFILE", (uint64_t)2, (uint64_t)1);
        REFUSED("RLimits", "a{s(tt)}", 2, "NOFILE", (uint64_t)1, (uint64_t)2, "NOFILE", (uint64_t)3,
                (uint64_t)4);
        TAKEN("RLimits", "a{s(tt)}", 1, "NOFILE", (uint64_t)1, UINT64_MAX);
}

static void descriptors_must_be_usable_and_their_numbers_free(void **state) {
        int path_only = open("/", O_PATH | O_CLOEXEC);

        REFUSED("Stdin", "h", path_only);
        REFUSED("FileDescriptors", "a{uh}", 1, 5, path_only);
        REFUSED("FileDescriptors", "a{uh}", 1, 2, STDIN_FILENO);
        REFUSED("FileDescriptors", "a{uh}", 1, 1024, STDIN_FILENO);
        REFUSED("FileDescriptors", "a{uh}", 1, UINT32_MAX, STDIN_FILENO);
        REFUSED("FileDescriptors", "a{uh}", 2, 5, STDIN_FILENO, 5, STDIN_FILENO);
        TAKEN("FileDescriptors", "a{uh}", 2, 5, STDIN_FILENO, 1023, STDIN_FILENO);
        TAKEN("Stdin", "h", STDIN_FILENO);
        close(path_only);
}

#define STARTS(answer, key, ...)                                                                   \
        do {                                                                                       \
                sd_bus_message *m_ = begin("StartProcess");                                        \
                assert_true(sd_bus_message_append(m_, __VA_ARGS__) >= 0);                          \
                if (strcmp(answer, "ok") == 0)                                                     \
                        expect_answer(finish(m_), answer);                                         \
                else                                                                               \
                        expect_refused(finish(m_), key);                                           \
        } while (0)

/* In a file system of its own, where there is none or one of the test's. Ends the test's process. */
static void start_with_journal(bool is_there) {
        struct sockaddr_un address = {.sun_family = AF_UNIX,
                                      .sun_path = "/run/systemd/journal/stdout"};
        int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), stream;
        sd_bus_message *m, *reply;
        char head[128] = "";

        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0)
                _exit(77);
        client = room_init_private(&room, NULL);
        if (is_there) {
                assert_int_equal(g_mkdir_with_parents("/run/systemd/journal", 0755), 0);
                assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
                assert_int_equal(listen(listener, 5), 0);
        }
        m = begin("StartProcess");
        assert_true(sd_bus_message_append(m, "{sv}{sv}", "Stderr", "s", "journal", "Name", "s",
                                          "web server") >= 0);
        reply = finish(m);
        if (!is_there)
                _exit(strcmp(answer_name(reply), "org.freedesktop.DBus.Error.NotSupported") != 0 ||
                      !strstr(answer_text(reply), "Stderr"));
        stream = accept(listener, NULL, NULL);
        (void)!read(stream, head, sizeof head - 1);
        _exit(strcmp(answer_name(reply), "ok") != 0 ||
              !g_str_has_prefix(head, "web server\n\n4\n1\n"));
}

static void expect_journal(bool is_there) {
        pid_t pid = fork();
        int status;

        if (pid == 0)
                start_with_journal(is_there);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
                print_message("not allowed to mount\n");
                skip();
        }
        assert_int_equal(status, 0);
}

static void the_journal_is_opened_under_the_name(void **state) {
        expect_journal(true);
}

static void without_a_journal_nothing_is_started(void **state) {
        expect_journal(false);
}

static void a_terminal_goes_with_what_is_not_contradicted(void **state) {
        REFUSED("TerminalSize", "(qq)", 24, 80);
        TAKEN("Terminal", "b", 1);
        TAKEN("Terminal", "b", 0);
        STARTS("ok", "", "{sv}{sv}", "TerminalSize", "(qq)", 1, 65535, "Terminal", "b", 1);
        STARTS(INVALID, "TerminalSize", "{sv}{sv}", "Terminal", "b", 1, "TerminalSize", "(qq)", 0,
               80);
        STARTS(INVALID, "TerminalSize", "{sv}{sv}", "Terminal", "b", 1, "TerminalSize", "(qq)", 24,
               0);
        STARTS(INVALID, "TerminalSize", "{sv}{sv}", "Terminal", "b", 0, "TerminalSize", "(qq)", 24,
               80);
        STARTS("ok", "", "{sv}{sv}{sv}", "Terminal", "b", 1, "Stdin", "s", "null", "Stdout", "s",
               "capture");
        STARTS(INVALID, "Stdout", "{sv}{sv}", "Terminal", "b", 1, "Stdout", "s", "null");
        STARTS(INVALID, "Stderr", "{sv}{sv}", "Stderr", "h", STDIN_FILENO, "Terminal", "b", 1);
        STARTS("ok", "", "{sv}{sv}{sv}", "Stdin", "h", STDIN_FILENO, "Terminal", "b", 1, "Stdout",
               "s", "null");
        STARTS(INVALID, "TerminalSize", "{sv}{sv}{sv}", "Stdin", "h", STDIN_FILENO, "Terminal", "b",
               1, "TerminalSize", "(qq)", 24, 80);
}

static void a_command_has_a_program(void **state) {
        sd_bus_message *reply;

        reply = client_call(client, ROOT, MANAGER, "StartProcess", "asa{sv}", 0, 0);
        assert_non_null(strstr(answer_text(reply), "empty"));
        expect_answer(reply, INVALID);
        reply = client_call(client, ROOT, MANAGER, "StartProcess", "asa{sv}", 2, "", "x", 0);
        expect_answer(reply, INVALID);
        /* the wrong signature altogether */
        expect_answer(client_call(client, ROOT, MANAGER, "StartProcess", "s", "true"), INVALID);
        expect_answer(client_call(client, ROOT, MANAGER, "StartProcess", NULL), INVALID);
}

static sd_bus_message *message_with(Client *caller, char **command, const char *key, char **names) {
        sd_bus_message *m = client_message(caller, ROOT, MANAGER, "StartProcess");

        assert_true(sd_bus_message_append_strv(m, command) >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
        if (key) {
                assert_true(sd_bus_message_open_container(m, 'e', "sv") >= 0);
                assert_true(sd_bus_message_append(m, "s", key) >= 0);
                assert_true(sd_bus_message_open_container(m, 'v', "as") >= 0);
                assert_true(sd_bus_message_append_strv(m, names) >= 0);
                assert_true(sd_bus_message_close_container(m) >= 0);
                assert_true(sd_bus_message_close_container(m) >= 0);
        }
        assert_true(sd_bus_message_close_container(m) >= 0);
        return m;
}

static const char *start_with(Client *caller, char **command, const char *key, char **names) {
        Call *call = client_send(caller, message_with(caller, command, key, names));
        static char answer[64];

        room_until(&room, call_is_answered, call);
        g_strlcpy(answer, answer_name(call->reply), sizeof answer);
        call_free(call);
        return answer;
}

/* S-20 */
static void a_hundred_thousand_arguments_take_no_time(void **state) {
        enum { N = 200000 };
        g_autofree char **command = g_new0(char *, N + 1);
        clock_t begin;

        for (unsigned i = 0; i < N; i++)
                command[i] = (char *)"abc";
        begin = clock();
        assert_string_equal(start_with(client, command, NULL, NULL), "ok");
        assert_string_equal(
                start_with(client, (char *[]){(char *)"abc", NULL}, "UnsetEnvironment", command),
                "ok");
        assert_true(clock() - begin < 4 * CLOCKS_PER_SEC);
}

/* S-20 */
static void arguments_are_read_up_to_their_limit(void **state) {
        SupervisorSettings settings = supervisor_settings_default();
        static char text[100];
        char *command[] = {(char *)"abc", text, NULL};
        char *names[] = {(char *)"A", (char *)"BC", NULL};
        Client *alice;

        settings.limits.argument_bytes = 64;
        settings.root_factor = 1;
        room_init_system(&room, &settings);
        alice = room_client_of(&room, 1001);
        for (unsigned n = 56; n < 64; n++) {
                memset(text, 'x', n);
                assert_string_equal(start_with(alice, command, NULL, NULL),
                                    4 + n + 1 <= 64 ? "ok" : LIMITS);
                assert_string_equal(start_with(alice, command, "UnsetEnvironment", names),
                                    4 + n + 1 + 2 + 3 <= 64 ? "ok" : LIMITS);
        }
        room_done(&room);
}

static void refused_starts_leave_nothing(void **state) {
        REFUSED("Name", "s", "");
        assert_int_equal(room.world.trees->len, 0);
        assert_int_equal(supervisor_count(room.world.supervisor, UID_ANY), 0);
        assert_int_equal(g_hash_table_size(room.face->held), 0);
}

#define WITH_ROOM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

TEST_MAIN(WITH_ROOM(every_option_refuses_every_other_type), TEST(every_option_is_tried),
          WITH_ROOM(an_option_that_is_given_twice_is_refused),
          WITH_ROOM(unknown_keys_are_refused_by_name),
          WITH_ROOM(a_user_can_be_named_on_the_system_bus_alone),
          WITH_ROOM(numbers_out_of_range_are_refused), WITH_ROOM(limits_of_a_tree_are_in_range),
          WITH_ROOM(without_a_controller_nothing_is_started),
          WITH_ROOM(texts_out_of_range_are_refused),
          WITH_ROOM(descriptors_must_be_usable_and_their_numbers_free),
          WITH_ROOM(a_terminal_goes_with_what_is_not_contradicted),
          TEST(the_journal_is_opened_under_the_name), TEST(without_a_journal_nothing_is_started),
          WITH_ROOM(a_command_has_a_program), WITH_ROOM(refused_starts_leave_nothing),
          WITH_ROOM(a_hundred_thousand_arguments_take_no_time),
          TEST(arguments_are_read_up_to_their_limit))

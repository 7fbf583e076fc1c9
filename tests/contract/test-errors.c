/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Each error of the contract is provoked and has its name; whatever is asked, only names of the
 * contract and of D-Bus itself leave the service. And the options: those that are documented are
 * those that are taken, with the types that are documented. */

#include <unistd.h>

#include "util/daemon.h"

#define ROOT     "/org/proctor1"
#define MANAGER  "org.proctor1.Manager"
#define WATCHDOG "org.proctor1.Watchdog"
#define PROCESS  "org.proctor1.Process"
#define GROUP    "org.proctor1.Group"
#define OWN      "org.proctor1.Error."
#define DBUS     "org.freedesktop.DBus.Error."

static Daemon service;

static int set_up(void **state) {
        daemon_init(&service);
        return 0;
}

static int tear_down(void **state) {
        daemon_done(&service);
        return 0;
}

/* arguments in the text format of GVariant, NULL: none. */
static void expect(const char *path, const char *interface, const char *member,
                   const char *arguments, const char *name) {
        GVariant *parsed = NULL;
        g_autofree char *answer = NULL;

        if (arguments) {
                parsed = g_variant_parse(NULL, arguments, NULL, NULL, NULL);
                assert_non_null(parsed);
        }
        answer = daemon_answer(&service, path, interface, member, parsed);
        if (parsed)
                g_variant_unref(parsed);
        if (strcmp(answer, name) != 0)
                fail_msg("%s.%s%s on %s: expected %s, not %s", interface, member, arguments ?: "()",
                         path, name, answer);
        assert_true(strcmp(name, "ok") == 0 || g_str_has_prefix(answer, OWN) ||
                    g_str_has_prefix(answer, DBUS));
}

static void errors_of_the_root_have_their_names(void **state) {
        static const struct {
                const char *interface, *member, *arguments, *name;
        } cases[] = {
                {MANAGER, "StartProcess", "(@as [], @a{sv} {})", DBUS "InvalidArgs"},
                {MANAGER, "StartProcess", "(['/no/such'], @a{sv} {})", OWN "SpawnFailed"},
                {MANAGER, "StartProcess", "(['/'], @a{sv} {})", OWN "SpawnFailed"},
                {MANAGER, "StartProcess", "(['ls'], {'WorkingDirectory': <'/no/such'>})",
                 OWN "SpawnFailed"},
                {MANAGER, "StartProcess", "(['ls'], {'Foo': <1>})", DBUS "InvalidArgs"},
                {MANAGER, "StartProcess", "('ls', @a{sv} {})", DBUS "InvalidArgs"},
                {MANAGER, "GetProcess", "(uint32 4294967295,)", OWN "NoSuchProcess"},
                {MANAGER, "GetProcess", "(uint32 0,)", OWN "NoSuchProcess"},
                {MANAGER, "AdoptProcess", "(uint32 0, @a{sv} {})", OWN "NoSuchProcess"},
                {MANAGER, "AdoptProcess", "(uint32 4294967295, @a{sv} {})", OWN "NoSuchProcess"},
                {MANAGER, "AdoptProcess", "(uint32 1, {'Umask': <uint32 1>})", DBUS "InvalidArgs"},
                {MANAGER, "WaitMany", "(@ao [], 'all', uint64 0)", DBUS "InvalidArgs"},
                {MANAGER, "WaitMany", "([objectpath '/x'], 'all', uint64 0)", OWN "NoSuchProcess"},
                {MANAGER, "SendSignalToAll", "('SIGNONE',)", DBUS "InvalidArgs"},
                {MANAGER, "SendSignalToAll", "('',)", DBUS "InvalidArgs"},
                {MANAGER, "NoSuchMethod", NULL, DBUS "UnknownMethod"},
                {"org.proctor1.NoSuch", "Foo", NULL, DBUS "UnknownMethod"},
                {WATCHDOG, "UnregisterProcess", "(uint32 4294967295,)", OWN "NoSuchProcess"},
                {WATCHDOG, "UpdateActivity", "(uint32 0,)", OWN "NoSuchProcess"},
                {WATCHDOG, "IsRegistered", "(uint32 0,)", "ok"},
                {WATCHDOG, "RegisterProcess", "(uint32 4294967295, @a{sv} {})",
                 OWN "NoSuchProcess"},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
                expect(ROOT, cases[i].interface, cases[i].member, cases[i].arguments,
                       cases[i].name);
        expect("/org/proctor1/process/999999", PROCESS, "Collect", NULL, DBUS "UnknownObject");
        expect("/org/proctor1/process/0", PROCESS, "Collect", NULL, DBUS "UnknownObject");
        expect("/org/proctor1/process/x", PROCESS, "Collect", NULL, DBUS "UnknownObject");
        expect("/", PROCESS, "Collect", NULL, DBUS "UnknownObject");
}

static void errors_of_groups_have_their_names(void **state) {
        static const char path[] = "/org/proctor1/group/1";
        static const struct {
                const char *path, *interface, *member, *arguments, *name;
        } cases[] = {
                {ROOT, MANAGER, "CreateGroup", "('', @a{sv} {})", DBUS "InvalidArgs"},
                {ROOT, MANAGER, "CreateGroup", "('x', {'Foo': <1>})", DBUS "InvalidArgs"},
                {ROOT, MANAGER, "CreateGroup", "('x', {'MaxParallel': <'1'>})", DBUS "InvalidArgs"},
                {ROOT, MANAGER, "CreateGroup", "('x', {'OnMemberFailure': <'panic'>})",
                 DBUS "InvalidArgs"},
                {ROOT, MANAGER, "CreateGroup", "('x', {'KeyMember': <''>})", DBUS "InvalidArgs"},
                {ROOT, MANAGER, "GetGroup", "('x',)", OWN "NoSuchGroup"},
                {ROOT, MANAGER, "CreateGroup",
                 "('x', {'OnMemberFailure': <'stop-all'>, 'MaxParallel': <uint32 1>, "
                 "'KeyMember': <'k'>})",
                 "ok"},
                {ROOT, MANAGER, "CreateGroup", "('x', @a{sv} {})", OWN "NameTaken"},
                {ROOT, MANAGER, "GetGroup", "('x',)", "ok"},
                {path, GROUP, "AddProcess", "('', ['true'], @a{sv} {})", DBUS "InvalidArgs"},
                {path, GROUP, "AddProcess", "('a', @as [], @a{sv} {})", DBUS "InvalidArgs"},
                {path, GROUP, "AddProcess", "('a', ['x'], {'Foo': <1>})", DBUS "InvalidArgs"},
                {path, GROUP, "AddProcess", "('a', ['sleep', '1000'], @a{sv} {})", "ok"},
                {path, GROUP, "AddProcess", "('a', ['true'], @a{sv} {})", OWN "NameTaken"},
                {path, GROUP, "RemoveProcess", "('b',)", OWN "NoSuchMember"},
                {path, GROUP, "StartAll", NULL, "ok"},
                {path, GROUP, "RemoveProcess", "('a',)", OWN "StillAlive"},
                {path, GROUP, "SendSignal", "('SIGNONE',)", DBUS "InvalidArgs"},
                {path, GROUP, "WaitForAll", "(uint64 0,)", "ok"},
                {path, GROUP, "StopAll", "(true,)", "ok"},
                {path, GROUP, "RemoveProcess", "('a',)", "ok"},
                {path, GROUP, "Shutdown", NULL, "ok"},
                {path, GROUP, "StartAll", NULL, DBUS "UnknownObject"},
                {"/org/proctor1/group/01", GROUP, "StartAll", NULL, DBUS "UnknownObject"},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
                expect(cases[i].path, cases[i].interface, cases[i].member, cases[i].arguments,
                       cases[i].name);
}

static void who_is_not_the_callers_is_not_adopted(void **state) {
        g_autofree char *answer = daemon_answer(&service, ROOT, MANAGER, "AdoptProcess",
                                                g_variant_new_parsed("(uint32 1, @a{sv} {})"));

        if (strcmp(answer, DBUS "NotSupported") == 0) {
                print_message("this service adopts nothing\n");
                g_clear_pointer(&answer, g_free); /* skip() jumps out */
                skip();
        }
        assert_string_equal(answer, DBUS "AccessDenied");
}

static void settings_refuse_what_they_cannot_be(void **state) {
        static const struct {
                const char *arguments, *name;
        } cases[] = {
                {"('" WATCHDOG "', 'CheckIntervalUSec', <uint64 0>)", DBUS "InvalidArgs"},
                {"('" WATCHDOG "', 'CheckIntervalUSec', <uint64 3600000001>)", DBUS "InvalidArgs"},
                {"('" WATCHDOG "', 'CheckIntervalUSec', <'x'>)", DBUS "InvalidArgs"},
                {"('" WATCHDOG "', 'ProcessTimeoutUSec', <uint64 0>)", DBUS "InvalidArgs"},
                {"('" WATCHDOG "', 'ProcessTimeoutUSec', <-1>)", DBUS "InvalidArgs"},
                {"('" WATCHDOG "', 'AutoKill', <1>)", DBUS "InvalidArgs"},
                {"('" WATCHDOG "', 'LogLevel', <'warning'>)", DBUS "InvalidArgs"},
                {"('" WATCHDOG "', 'LogLevel', <''>)", DBUS "InvalidArgs"},
                {"('" WATCHDOG "', 'Active', <false>)", DBUS "PropertyReadOnly"},
                {"('" WATCHDOG "', 'NoSuch', <false>)", DBUS "UnknownProperty"},
                {"('" MANAGER "', 'Version', <'9'>)", DBUS "PropertyReadOnly"},
                {"('" WATCHDOG "', 'LogLevel', <'ERROR'>)", "ok"},
                {"('" WATCHDOG "', 'LogLevel', <'WARNING'>)", "ok"},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++)
                expect(ROOT, "org.freedesktop.DBus.Properties", "Set", cases[i].arguments,
                       cases[i].name);
}

static void errors_of_a_process_have_their_names(void **state) {
        static const struct {
                const char *member, *arguments, *running, *finished;
        } cases[] = {
                {"Wait", "(uint64 0,)", OWN "Timeout", "ok"},
                {"Wait", "(uint64 1000,)", OWN "Timeout", "ok"},
                {"Wait", "(0,)", DBUS "InvalidArgs", DBUS "InvalidArgs"},
                {"SendSignal", "('SIGNONE',)", DBUS "InvalidArgs", DBUS "InvalidArgs"},
                {"SendSignal", "('SIGCONT',)", "ok", OWN "NotRunning"},
                {"ReportActivity", NULL, "ok", "ok"},
                {"ReadOutput", "('stdin', uint64 0, uint32 1)", DBUS "InvalidArgs",
                 DBUS "InvalidArgs"},
                {"ReadOutput", "('stderr', uint64 0, uint32 1)", DBUS "NotSupported",
                 DBUS "NotSupported"},
                {"OpenOutput", "('',)", DBUS "InvalidArgs", DBUS "InvalidArgs"},
                {"OpenTerminal", NULL, DBUS "NotSupported", DBUS "NotSupported"},
                {"ResizeTerminal", "(uint16 24, uint16 80)", DBUS "NotSupported",
                 DBUS "NotSupported"},
                {"ResizeTerminal", "(uint16 0, uint16 80)", DBUS "InvalidArgs", DBUS "InvalidArgs"},
                {"ResizeTerminal", "(uint16 24, uint16 0)", DBUS "InvalidArgs", DBUS "InvalidArgs"},
                {"Collect", NULL, OWN "StillAlive", "ok"}, /* the last one: then it is gone */
        };
        static const char *const writes[] = {
                "('" PROCESS "', 'TimeoutUSec', <uint64 60000000>)",
                "('" PROCESS "', 'ExtraBufferUSec', <uint64 1>)",
                "('" PROCESS "', 'MaxHangTimeUSec', <uint64 18446744073709551615>)",
                "('" PROCESS "', 'StopTimeoutUSec', <uint64 0>)",
                "('" PROCESS "', 'AutoKill', <true>)",
        };
        const char *sleeps[] = {"sleep", "1000", NULL}, *ends[] = {"true", NULL};
        g_autofree char *running = daemon_start(&service, sleeps,
                                                g_variant_new_parsed("{'Stderr': <'null'>}"));
        g_autofree char *finished = daemon_start(&service, ends,
                                                 g_variant_new_parsed("{'Stderr': <'null'>}"));

        expect(finished, PROCESS, "Wait", "(uint64 18446744073709551615,)", "ok");
        for (unsigned i = 0; i < G_N_ELEMENTS(writes); i++) {
                expect(running, "org.freedesktop.DBus.Properties", "Set", writes[i], "ok");
                expect(finished, "org.freedesktop.DBus.Properties", "Set", writes[i],
                       OWN "NotRunning");
        }
        expect(running, "org.freedesktop.DBus.Properties", "Set",
               "('" PROCESS "', 'TimeoutUSec', <uint64 999>)", DBUS "InvalidArgs");
        expect(running, "org.freedesktop.DBus.Properties", "Set", "('" PROCESS "', 'Name', <'x'>)",
               DBUS "PropertyReadOnly");
        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                expect(running, PROCESS, cases[i].member, cases[i].arguments, cases[i].running);
                expect(finished, PROCESS, cases[i].member, cases[i].arguments, cases[i].finished);
        }
        expect(finished, PROCESS, "Collect", NULL, DBUS "UnknownObject");
        expect(running, PROCESS, "Stop", "(true,)", "ok");
}

static void errors_of_a_terminal_have_their_names(void **state) {
        static const struct {
                const char *member, *arguments, *running, *finished;
        } cases[] = {
                {"OpenTerminal", NULL, "ok", OWN "NotRunning"},
                {"ResizeTerminal", "(uint16 24, uint16 80)", "ok", OWN "NotRunning"},
                {"ResizeTerminal", "(uint16 65535, uint16 1)", "ok", OWN "NotRunning"},
                {"ResizeTerminal", "(uint16 0, uint16 80)", DBUS "InvalidArgs", DBUS "InvalidArgs"},
        };
        const char *sleeps[] = {"sleep", "1000", NULL}, *ends[] = {"true", NULL};
        g_autofree char *running = daemon_start(&service, sleeps,
                                                g_variant_new_parsed("{'Terminal': <true>}"));
        g_autofree char *finished = daemon_start(&service, ends,
                                                 g_variant_new_parsed("{'Terminal': <true>}"));

        expect(finished, PROCESS, "Wait", "(uint64 18446744073709551615,)", "ok");
        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                expect(running, PROCESS, cases[i].member, cases[i].arguments, cases[i].running);
                expect(finished, PROCESS, cases[i].member, cases[i].arguments, cases[i].finished);
        }
        expect(running, PROCESS, "OpenOutput", "('stderr',)", DBUS "NotSupported");
        expect(running, PROCESS, "Stop", "(true,)", "ok");
}

static void a_failed_start_says_step_object_and_reason(void **state) {
        g_autoptr(GError) error = NULL;

        assert_null(daemon_call(&service, ROOT, MANAGER, "StartProcess",
                                g_variant_new_parsed("(['/no/such'], @a{sv} {})"), &error));
        g_dbus_error_strip_remote_error(error);
        assert_string_equal(error->message, "exec '/no/such': No such file or directory");
}

/* The section of the options in the document of StartProcess. */
static char *options_section(void) {
        g_autofree char *xml = daemon_read_xml(MANAGER);
        const char *begin = strstr(xml, "Options, all optional:"), *end;

        assert_non_null(begin);
        end = strstr(begin, "Errors:");
        assert_non_null(end);
        return g_strndup(begin, (size_t)(end - begin));
}

/* What the service expects for an option: it is asked with a type that none has. */
static char *type_of_option(const char *member, const char *key) {
        const char *arguments = strcmp(member, "StartProcess") == 0 ? "(['x'], %s)"
                                                                    : "(uint32 1, %s)";
        g_autofree char *option = g_strdup_printf("{'%s': <byte 1>}", key);
        g_autofree char *text = NULL;
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) parts = NULL;

        parts = g_strsplit(arguments, "%s", 2);
        text = g_strconcat(parts[0], option, parts[1], NULL);
        assert_null(daemon_call(&service, ROOT, MANAGER, member,
                                g_variant_parse(NULL, text, NULL, NULL, NULL), &error));
        if (strstr(error->message, "Unknown option"))
                return NULL;
        g_strfreev(parts);
        parts = g_strsplit(error->message, "expected type ", 2);
        assert_non_null(parts[0] ? parts[1] : NULL);
        *strstr(parts[1], ", not") = '\0';
        return g_strdup(parts[1]);
}

static void the_documented_options_are_those_that_are_taken(void **state) {
        g_autoptr(GRegex) pattern = g_regex_new(
                "\\b([A-Z]\\w+)(?:, \\w+)*\\s+\\((h, or s|(?:\\([a-z]+\\)|[^,:() ])+)", 0, 0, NULL);
        g_autofree char *section = options_section();
        g_autoptr(GMatchInfo) match = NULL;
        unsigned n = 0;

        g_regex_match(pattern, section, 0, &match);
        for (; g_match_info_matches(match); g_match_info_next(match, NULL), n++) {
                g_autofree char *key = g_match_info_fetch(match, 1);
                g_autofree char *documented = g_match_info_fetch(match, 2);
                g_autofree char *taken = type_of_option("StartProcess", key);

                if (!taken)
                        fail_msg("option %s is documented and unknown", key);
                if (strcmp(documented, "h, or s") == 0)
                        assert_string_equal(taken, "s|h");
                else
                        assert_string_equal(taken, documented);
        }
        assert_true(n > 20);
}

static void the_options_that_are_taken_are_documented(void **state) {
        g_autoptr(GRegex)
                pattern = g_regex_new("#define PROCTOR_OPTION_\\w+ +\"(\\w+)\"", 0, 0, NULL);
        g_autofree char *section = options_section(), *file = NULL, *names = NULL;
        g_autoptr(GMatchInfo) match = NULL;

        file = g_strconcat(g_getenv("PROCTOR_INTERFACES"), "/proctor-names.h", NULL);
        assert_true(g_file_get_contents(file, &names, NULL, NULL));
        g_regex_match(pattern, names, 0, &match);
        assert_true(g_match_info_matches(match));
        for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
                g_autofree char *key = g_match_info_fetch(match, 1);
                g_autofree char *word = g_strdup_printf("\\b%s\\b", key);
                g_autofree char *starts = type_of_option("StartProcess", key);
                g_autofree char *adopts = type_of_option("AdoptProcess", key);

                assert_true(starts || adopts);
                if (starts && !g_regex_match_simple(word, section, 0, 0))
                        fail_msg("option %s is taken and not documented", key);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(errors_of_the_root_have_their_names),
                TEST(errors_of_groups_have_their_names),
                TEST(who_is_not_the_callers_is_not_adopted),
                TEST(settings_refuse_what_they_cannot_be),
                TEST(errors_of_a_process_have_their_names),
                TEST(errors_of_a_terminal_have_their_names),
                TEST(a_failed_start_says_step_object_and_reason),
                TEST(the_documented_options_are_those_that_are_taken),
                TEST(the_options_that_are_taken_are_documented),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}

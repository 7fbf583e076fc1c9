/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctord.conf: every setting is read, refused with its name when it is wrong, described in the
 * manual and in the file that is installed; and nothing is half read. */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "util/check.h"

static char *folder;

static char *path_of(const char *name) {
        return g_build_filename(folder, name, NULL);
}

static char *write_file(const char *name, const char *text) {
        char *path = path_of(name);

        unlink(path);
        assert_true(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
        return path;
}

static int make_folder(void **state) {
        folder = g_dir_make_tmp("proctor-test-XXXXXX", NULL);
        return folder ? 0 : -1;
}

static int remove_folder(void **state) {
        g_autofree char *file = path_of("a.conf"), *drop_ins = path_of("a.conf.d");

        unlink(file);
        rmdir(drop_ins);
        rmdir(folder);
        g_free(folder);
        return 0;
}

static bool load(const char *text, Config *config, char **ret_message) {
        g_autofree char *path = write_file("a.conf", text);
        g_autoptr(GError) error = NULL;
        bool loaded;

        config_init(config, CONFIG_SYSTEM);
        loaded = config_load(config, path, CONFIG_FILE_REQUIRED, &error);
        if (!loaded)
                *ret_message = g_strdup(error->message);
        return loaded;
}

static void expect_same(const Config *a, const Config *b) {
        for (const ConfigKey *key = config_keys; key->key; key++) {
                g_autofree char *x = config_format(a, key), *y = config_format(b, key);

                assert_string_equal(x, y);
        }
}

static void the_defaults_are_those_of_the_contract(void **state) {
        Config system, own;

        config_init(&system, CONFIG_SYSTEM);
        config_init(&own, CONFIG_OWN);
        assert_int_equal(system.supervisor.limits.running, 256);
        assert_int_equal(system.supervisor.limits.starts_per_sec, 100);
        assert_int_equal(system.supervisor.limits.starts_burst, 500);
        assert_int_equal(system.supervisor.limits.argument_bytes, 131072);
        assert_true(own.supervisor.limits.running == QUOTA_UNLIMITED);
        assert_true(own.supervisor.limits.argument_bytes == QUOTA_UNLIMITED);
        assert_int_equal(system.face.output_bytes, 65536);
        assert_int_equal(system.output_bytes_per_user, 8388608);
        assert_int_equal(system.face.held, 128);
        assert_int_equal(system.face.questions_per_peer, 4);
        assert_int_equal(system.face.questions_per_user, 16);
        assert_int_equal(system.notify_per_sec, 100);
        assert_int_equal(system.supervisor.root_factor, 16);
        assert_int_equal(system.supervisor.finished_max, 10000);
        assert_int_equal(system.supervisor.finished_age, USEC_PER_HOUR);
}

static const char *good_value(const ConfigKey *key) {
        switch (key->kind) {
        case CONFIG_BOOL:
                return "false";
        case CONFIG_LEVEL:
                return "DEBUG";
        case CONFIG_BYTES:
        case CONFIG_SIZE:
                return "5000";
        case CONFIG_USEC:
                return "1234567";
        default:
                return "7";
        }
}

static void every_setting_is_read(void **state) {
        for (const ConfigKey *key = config_keys; key->key; key++) {
                g_autofree char *message = NULL, *now = NULL, *text = NULL;
                Config config;

                text = g_strdup_printf("[%s]\n %s = %s \n", key->group, key->key, good_value(key));
                if (!load(text, &config, &message))
                        fail_msg("%s", message);
                now = config_format(&config, key);
                assert_string_equal(now, good_value(key));
        }
}

static void every_setting_refuses_nonsense_by_its_name(void **state) {
        static const char *const nonsense[] = {
                "",    "abc", "-1",   "1.5", "99999999999999999999999",
                "yes", "1 2", "0x10", "1KK", "k"};

        for (const ConfigKey *key = config_keys; key->key; key++)
                for (unsigned i = 0; i < G_N_ELEMENTS(nonsense); i++) {
                        g_autofree char *message = NULL, *text = NULL, *name = NULL;
                        Config config, before;

                        config_init(&before, CONFIG_SYSTEM);
                        text = g_strdup_printf("[%s]\n%s=%s\n", key->group, key->key, nonsense[i]);
                        assert_false(load(text, &config, &message));
                        name = g_strdup_printf("a.conf: [%s] %s=%s: expected ", key->group,
                                               key->key, nonsense[i]);
                        if (!strstr(message, name))
                                fail_msg("'%s' does not say '%s'", message, name);
                        expect_same(&config, &before);
                }
}

static void values_out_of_range_are_refused(void **state) {
        static const char *const lines[] = {
                "[Limits]\nRunningMax=0",
                "[Limits]\nRunningMax=4294967295",
                "[Limits]\nRootFactor=1025",
                "[Limits]\nRootFactor=unlimited",
                "[Limits]\nArgumentBytesMax=1K",
                "[Limits]\nOutputBytesPerStream=9M",
                "[Finished]\nFinishedAgeUSec=999",
                "[Watchdog]\nCheckIntervalUSec=infinity",
                "[Watchdog]\nProcessTimeoutUSec=999",
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++) {
                g_autofree char *message = NULL;
                Config config;

                if (load(lines[i], &config, &message))
                        fail_msg("%s", lines[i]);
        }
}

static void words_stand_for_no_limit(void **state) {
        g_autofree char *message = NULL;
        Config config;

        assert_true(load("[Limits]\nRunningMax=unlimited\n[Finished]\nFinishedAgeUSec=infinity\n",
                         &config, &message));
        assert_true(config.supervisor.limits.running == QUOTA_UNLIMITED);
        assert_true(config.supervisor.finished_age == USEC_INFINITY);
}

static void what_is_not_known_is_an_error(void **state) {
        static const struct {
                const char *text, *says;
        } table[] = {
                {"[Limits]\nRunningmax=1\n",
                 "a.conf: [Limits] Runningmax: there is no such setting"},
                {"[Limit]\n", "a.conf: [Limit]: there is no such section"},
                {"[Watchdog]\nRunningMax=1\n", "[Watchdog] RunningMax: there is no such setting"},
                {"RunningMax=1\n", "a.conf: "},
                {"[Limits\n", "a.conf: "},
                {"[Limits]\nwhat\n", "a.conf: "},
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
                g_autofree char *message = NULL;
                Config config;

                assert_false(load(table[i].text, &config, &message));
                if (!strstr(message, table[i].says))
                        fail_msg("'%s' does not say '%s'", message, table[i].says);
        }
}

static void a_folder_is_read_after_the_file_in_order(void **state) {
        g_autofree char *path = write_file("a.conf", "[Limits]\nRunningMax=1\nStartsBurst=1\n");
        g_autofree char *drop_ins = path_of("a.conf.d");
        g_autofree char *first = NULL, *second = NULL, *other = NULL;
        g_autoptr(GError) error = NULL;
        Config config;

        assert_int_equal(g_mkdir(drop_ins, 0700), 0);
        second = write_file("a.conf.d/20.conf", "[Limits]\nRunningMax=3\n");
        first = write_file("a.conf.d/10.conf", "[Limits]\nRunningMax=2\nStartsPerSecond=2\n");
        other = write_file("a.conf.d/30.conf~", "nonsense");
        config_init(&config, CONFIG_SYSTEM);
        assert_true(config_load(&config, path, CONFIG_FILE_REQUIRED, &error));
        assert_int_equal(config.supervisor.limits.running, 3);
        assert_int_equal(config.supervisor.limits.starts_per_sec, 2);
        assert_int_equal(config.supervisor.limits.starts_burst, 1);

        g_free(write_file("a.conf.d/20.conf", "[Limits]\nRunningMax=x\n"));
        config_init(&config, CONFIG_SYSTEM);
        assert_false(config_load(&config, path, CONFIG_FILE_REQUIRED, &error));
        assert_non_null(strstr(error->message, "20.conf: [Limits] RunningMax=x"));
        assert_int_equal(config.supervisor.limits.starts_burst, 500);
        unlink(first);
        unlink(second);
        unlink(other);
}

static void a_file_may_be_missing_only_where_that_is_said(void **state) {
        g_autofree char *path = path_of("missing.conf");
        g_autoptr(GError) error = NULL;
        Config config;

        config_init(&config, CONFIG_SYSTEM);
        assert_true(config_load(&config, path, CONFIG_FILE_OPTIONAL, &error));
        assert_false(config_load(&config, path, CONFIG_FILE_REQUIRED, &error));
        assert_non_null(strstr(error->message, "missing.conf"));
}

static char *read_data(const char *name) {
        g_autofree char *path = g_build_filename(g_getenv("PROCTOR_DATA"), name, NULL);
        char *text = NULL;

        assert_true(g_file_get_contents(path, &text, NULL, NULL));
        return text;
}

/* What the installed file shows as defaults, is what they are; and it shows them all. */
static void the_installed_file_shows_every_default(void **state) {
        g_autofree char *shown = read_data("proctord.conf"), *message = NULL;
        g_autoptr(GKeyFile) file = g_key_file_new();
        Config config, standard;

        config_init(&standard, CONFIG_SYSTEM);
        assert_true(load(shown, &config, &message));
        expect_same(&config, &standard);
        for (char *at = shown; (at = strstr(at, "\n#")); at++)
                if (at[2] != ' ' && at[2] != '\n')
                        memmove(at + 1, at + 2, strlen(at + 2) + 1);
        if (!load(shown, &config, &message))
                fail_msg("%s", message);
        assert_true(g_key_file_load_from_data(file, shown, (gsize)-1, G_KEY_FILE_NONE, NULL));
        for (const ConfigKey *key = config_keys; key->key; key++) {
                g_autofree char *a = config_format(&config, key);
                g_autofree char *b = config_format(&standard, key);

                if (!g_key_file_has_key(file, key->group, key->key, NULL))
                        fail_msg("proctord.conf does not show [%s] %s", key->group, key->key);
                assert_string_equal(a, b);
        }
}

static void the_manual_explains_every_setting(void **state) {
        g_autofree char *text = read_data("man/proctord.conf.5");

        for (const ConfigKey *key = config_keys; key->key; key++) {
                g_autofree char *section = g_strdup_printf(".SH SECTION [%s]\n", key->group);
                g_autofree char *entry = g_strdup_printf(".TP\n.I %s\n", key->key);
                const char *at = strstr(text, section), *end;

                end = at ? strstr(at + 1, ".SH ") : NULL;
                at = end ? strstr(at, entry) : NULL;
                if (!at || at > end)
                        fail_msg("no word about [%s] %s", key->group, key->key);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_defaults_are_those_of_the_contract),
                cmocka_unit_test(every_setting_is_read),
                cmocka_unit_test(every_setting_refuses_nonsense_by_its_name),
                cmocka_unit_test(values_out_of_range_are_refused),
                cmocka_unit_test(words_stand_for_no_limit),
                cmocka_unit_test(what_is_not_known_is_an_error),
                cmocka_unit_test(a_folder_is_read_after_the_file_in_order),
                cmocka_unit_test(a_file_may_be_missing_only_where_that_is_said),
                cmocka_unit_test(the_installed_file_shows_every_default),
                cmocka_unit_test(the_manual_explains_every_setting),
        };

        return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

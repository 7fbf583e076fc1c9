/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* proctor stats: what the service has counted. */

#include <stdio.h>

#include "cli.h"
#include "connect.h"
#include "format.h"
#include "json.h"

static guint64 number(GVariant *stats, const char *path) {
        guint64 value = 0;

        return proctor_stats_lookup(stats, path, &value) ? value : 0;
}

/* `word N, word N` of a dictionary of word to number; what did not occur is left out. */
static char *describe_counts(GVariant *stats, const char *key) {
        g_autoptr(GVariant) counts = g_variant_lookup_value(stats, key, NULL);
        g_autoptr(GString) text = g_string_new(NULL);

        for (size_t i = 0; counts && i < g_variant_n_children(counts); i++) {
                g_autoptr(GVariant) entry = g_variant_get_child_value(counts, i);
                g_autoptr(GVariant) word = g_variant_get_child_value(entry, 0);
                g_autofree char *path = g_strconcat(key, "/", g_variant_get_string(word, NULL),
                                                    NULL);
                g_autofree char *clean = format_text(g_variant_get_string(word, NULL));
                guint64 n = number(stats, path);

                if (n > 0)
                        g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " %s",
                                               text->len ? ", " : "", n, clean);
        }
        return g_strdup(text->len ? text->str : "none");
}

static void print_stats(GVariant *stats) {
        g_autofree char *processes = describe_counts(stats, "Processes");
        g_autofree char *results = describe_counts(stats, "Results");

        printf("Processes: %s\n", processes);
        printf("  Started: %" G_GUINT64_FORMAT ", and %" G_GUINT64_FORMAT " failed to start\n",
               number(stats, "Started"), number(stats, "SpawnFailures"));
        printf("  Results: %s\n", results);
        printf(" Watchdog: %s; now %" G_GUINT64_FORMAT " slow and %" G_GUINT64_FORMAT " hung\n",
               number(stats, "Watchdog/Active") ? "on" : "off", number(stats, "Watchdog/Slow"),
               number(stats, "Watchdog/Hung"));
        printf("           %" G_GUINT64_FORMAT " ended, %" G_GUINT64_FORMAT
               " verdicts put off, %" G_GUINT64_FORMAT " wake-ups\n",
               number(stats, "Watchdog/Kills"), number(stats, "Watchdog/Suppressed"),
               number(stats, "Watchdog/Wakeups"));
}

static int run(Cli *cli, void *arguments, char **operands) {
        g_autoptr(GError) error = NULL;
        g_autoptr(ProctorManager) manager = NULL;
        g_autoptr(GVariant) stats = NULL;

        if (operands[0])
                error = g_error_new(CLI_ERROR, CLI_ERROR_USAGE, "stats takes no operand");
        else
                manager = connect_to_bus(cli, &error);
        stats = manager ? proctor_manager_get_stats(manager, NULL, &error) : NULL;
        if (!stats)
                return cli_fail(cli, error);
        if (cli->json)
                json_print(json_gvariant_serialize(stats), stdout);
        else
                print_stats(stats);
        return CLI_EXIT_OK;
}

const Verb verb_stats = {
        .name = "stats",
        .synopsis = "[OPTIONS]",
        .summary = "show what the service has counted",
        .description =
                "Shows how many processes there are and how those ended that the service has "
                "started since it began, forgotten ones included, and what its watchdog did.",
        .exit_codes = "0 done, 1 failed, 2 wrong usage, 4 there is no service",
        .run = run,
};

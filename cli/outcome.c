/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The exit codes follow timeout(1), which people and their scripts know. */

#include "outcome.h"

#include <signal.h>

#include "cli.h"
#include "duration.h"
#include "format.h"

int outcome_exit_code(int exit_code, ProctorResult result) {
        switch (result) {
        case PROCTOR_RESULT_LOST:
        case PROCTOR_RESULT_NONE:
                return CLI_EXIT_PROCTOR_FAILED;
        case PROCTOR_RESULT_HANG:
        case PROCTOR_RESULT_RUNTIME_LIMIT:
                /* As timeout does: whoever had to be killed is told from who went when asked. */
                return exit_code == -SIGKILL ? CLI_EXIT_SIGNAL_BASE + SIGKILL : CLI_EXIT_TIMED_OUT;
        default:
                return exit_code < 0 ? CLI_EXIT_SIGNAL_BASE - exit_code : exit_code;
        }
}

static char *describe_end(int exit_code) {
        g_autofree char *signal_name = exit_code < 0 ? format_signal(-exit_code) : NULL;

        if (signal_name)
                return g_strdup_printf("was ended by %s", signal_name);
        return g_strdup_printf("ended with exit code %d when asked to", exit_code);
}

char *outcome_sentence(ProctorProcess *process, guint64 idle_usec) {
        int exit_code = proctor_process_get_exit_code(process);
        g_autofree char *end = describe_end(exit_code);
        g_autofree char *limit = NULL, *idle = duration_to_rounded_string(idle_usec);

        switch (proctor_process_get_result(process)) {
        case PROCTOR_RESULT_HANG:
                if (idle_usec == 0)
                        return g_strdup_printf("gave no sign of life and %s", end);
                return g_strdup_printf("gave no sign of life for %s and %s", idle, end);
        case PROCTOR_RESULT_RUNTIME_LIMIT:
                limit = duration_to_string(proctor_process_get_runtime_max(process));
                return g_strdup_printf("ran for longer than %s and %s", limit, end);
        case PROCTOR_RESULT_CORE_DUMP:
                return g_strdup_printf("%s and dumped core", end);
        case PROCTOR_RESULT_SIGNAL:
        case PROCTOR_RESULT_STOPPED:
                return exit_code < 0 ? g_steal_pointer(&end) : NULL;
        case PROCTOR_RESULT_OWNER_LOST:
                return g_strdup_printf("lost its starter and %s", end);
        case PROCTOR_RESULT_LOST:
                return g_strdup("has ended, and nobody can know how");
        default:
                return NULL;
        }
}

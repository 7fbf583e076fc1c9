/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counts what there is when asked, and adds what was counted over time. */

#include "bus/stats.h"

#include <stdbool.h>

typedef struct Counts {
        uint32_t states[_STATE_MAX];
        uint32_t slow;
        uint32_t hung;
        uint32_t total;
        uint32_t running;
} Counts;

static Counts count(Supervisor *supervisor, uid_t scope) {
        g_autoptr(GPtrArray) processes = supervisor_list(supervisor, scope);
        Now now = now_read();
        Counts counts = {.total = processes->len};

        for (unsigned i = 0; i < processes->len; i++) {
                const Process *process = processes->pdata[i];
                Health health;

                counts.states[process->state]++;
                if (!process_is_running(process))
                        continue;
                counts.running++;
                health = supervisor_health(supervisor, process, &now);
                counts.slow += health == HEALTH_SLOW;
                counts.hung += health == HEALTH_HUNG;
        }
        return counts;
}

static int open_entry(sd_bus_message *m, const char *key, const char *type) {
        int r = sd_bus_message_open_container(m, 'e', "sv");

        if (r >= 0)
                r = sd_bus_message_append(m, "s", key);
        return r < 0 ? r : sd_bus_message_open_container(m, 'v', type);
}

static int close_entry(sd_bus_message *m) {
        int r = sd_bus_message_close_container(m);

        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_states(sd_bus_message *m, const Counts *counts) {
        int r = open_entry(m, "Processes", "a{su}");

        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{su}");
        for (State s = 0; r >= 0 && s < _STATE_MAX; s++)
                r = sd_bus_message_append(m, "{su}", state_to_string(s), counts->states[s]);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : close_entry(m);
}

static int append_results(sd_bus_message *m, const Stats *stats) {
        int r = open_entry(m, "Results", "a{st}");

        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{st}");
        for (Result result = RESULT_NONE + 1; r >= 0 && result < _RESULT_MAX; result++)
                r = sd_bus_message_append(m, "{st}", result_to_string(result),
                                          stats->results[result]);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : close_entry(m);
}

static int append_watchdog(sd_bus_message *m, Supervisor *supervisor, const Counts *counts,
                           const Stats *stats) {
        int r = open_entry(m, "Watchdog", "a{sv}");

        if (r >= 0)
                r = sd_bus_message_append(
                        m, "a{sv}", 9,                                             //
                        "TotalProcesses", "u", counts->total,                      //
                        "RunningProcesses", "u", counts->running,                  //
                        "FinishedProcesses", "u", counts->total - counts->running, //
                        "Slow", "u", counts->slow,                                 //
                        "Hung", "u", counts->hung,                                 //
                        "Kills", "t", stats->kills,                                //
                        "Suppressed", "t", stats->suppressed,                      //
                        "Wakeups", "t", supervisor_wakeups(supervisor),            //
                        "Active", "b", (int)supervisor_watchdog_is_active(supervisor));
        return r < 0 ? r : close_entry(m);
}

int stats_append(sd_bus_message *m, Supervisor *supervisor, uid_t scope) {
        Counts counts = count(supervisor, scope);
        Stats stats = supervisor_stats(supervisor, scope);
        int r = sd_bus_message_open_container(m, 'a', "{sv}");

        if (r >= 0)
                r = append_states(m, &counts);
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}", "TotalManaged", "u", counts.total);
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}", "Started", "t", stats.started);
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}", "SpawnFailures", "t", stats.spawn_failures);
        if (r >= 0)
                r = append_results(m, &stats);
        if (r >= 0)
                r = append_watchdog(m, supervisor, &counts, &stats);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

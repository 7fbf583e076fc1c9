/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CPU of the machine from /proc/stat, of this run's processes from /proc/PID/stat and getrusage.
 * Everything is in clock ticks (10 ms), so stretches of less than some 100 ms say little. */

#include "noise.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static double tick_sec(void) {
        return 1.0 / (double)sysconf(_SC_CLK_TCK);
}

static double rusage_sec(int who) {
        struct rusage u;

        if (getrusage(who, &u) < 0)
                return 0;
        return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
               (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Times of a process and of its reaped children: fields 14 to 17, counted behind the name. */
static double process_sec(int pid) {
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
        g_autofree char *text = NULL;
        unsigned long long user = 0, sys = 0;
        long long cuser = 0, csys = 0;
        const char *p;

        if (!g_file_get_contents(path, &text, NULL, NULL))
                return 0;
        p = strrchr(text, ')');
        if (!p || sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld",
                         &user, &sys, &cuser, &csys) != 4)
                return 0;
        return (double)(user + sys) * tick_sec() + (double)(cuser + csys) * tick_sec();
}

static void read_machine(double *ret_busy, double *ret_steal) {
        unsigned long long v[8] = {};
        FILE *f = fopen("/proc/stat", "re");

        *ret_busy = *ret_steal = 0;
        if (!f)
                return;
        /* user nice system idle iowait irq softirq steal */
        if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2], &v[3],
                   &v[4], &v[5], &v[6], &v[7]) == 8) {
                *ret_busy = (double)(v[0] + v[1] + v[2] + v[5] + v[6]) * tick_sec();
                *ret_steal = (double)v[7] * tick_sec();
        }
        fclose(f);
}

void noise_mark(GArray *own, NoiseMark *ret) {
        read_machine(&ret->busy_sec, &ret->steal_sec);
        ret->own_sec = rusage_sec(RUSAGE_SELF) + rusage_sec(RUSAGE_CHILDREN);
        for (guint i = 0; i < own->len; i++)
                ret->own_sec += process_sec(g_array_index(own, int, i));
        ret->at_sec = (double)g_get_monotonic_time() / 1e6;
}

void noise_since(GArray *own, const NoiseMark *mark, Noise *ret) {
        NoiseMark now;
        double capacity;

        noise_mark(own, &now);
        capacity = (now.at_sec - mark->at_sec) * (double)sysconf(_SC_NPROCESSORS_ONLN);
        if (capacity <= 0)
                capacity = 1;
        ret->others_percent = MAX(
                0,
                100 * ((now.busy_sec - mark->busy_sec) - (now.own_sec - mark->own_sec)) / capacity);
        ret->steal_percent = MAX(0, 100 * (now.steal_sec - mark->steal_sec) / capacity);
}

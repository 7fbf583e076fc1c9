/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program as it is written for systemd's watchdog, with sd_notify(3) from libsystemd; it knows
 * nothing of proctor. Its argument says what becomes of it:
 *
 *   beats N [M]  says READY=1, then N heartbeats at an Mth (a quarter) of the interval it is told,
 *                then nothing
 *   barrier   says READY=1 and waits until that was worked off
 *   trouble   says WATCHDOG=trigger and nothing else
 *   flood N   says READY=1 and sends N messages as fast as it can
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static int beat(unsigned n, unsigned parts) {
        uint64_t usec;

        if (sd_watchdog_enabled(0, &usec) <= 0)
                return 11;
        if (sd_notify(0, "READY=1\nSTATUS=beating") <= 0)
                return 12;
        for (; n > 0; n--) {
                usleep((useconds_t)(usec / parts));
                if (sd_notify(0, "WATCHDOG=1") <= 0)
                        return 13;
        }
        for (;;)
                pause();
}

static int flood(unsigned n) {
        if (sd_notify(0, "READY=1\nSTATUS=flood") <= 0)
                return 12;
        for (; n > 0; n--)
                if (sd_notify(0, "STATUS=flood\nWATCHDOG=1") <= 0)
                        return 13;
        return 0;
}

int main(int argc, char **argv) {
        const char *verb = argc > 1 ? argv[1] : "";
        unsigned n = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;

        if (strcmp(verb, "beats") == 0)
                return beat(n, argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 4);
        if (strcmp(verb, "flood") == 0)
                return flood(n);
        if (strcmp(verb, "barrier") == 0)
                return sd_notify(0, "READY=1") > 0 && sd_notify_barrier(0, UINT64_MAX) > 0 ? 0 : 12;
        if (strcmp(verb, "trouble") == 0 && sd_notify(0, "WATCHDOG=trigger") > 0)
                for (;;)
                        pause();
        return 10;
}

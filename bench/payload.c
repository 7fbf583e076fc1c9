/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the benchmarks start when it has to live: static and tiny, so that ten thousand of them fit.
 *
 *   payload pause                    does nothing, for ever
 *   payload tree N FIFO SHAPE        forks N children that pause; SHAPE is plain, or setsid (each
 *                                    leaves the session). Each, the leader last, writes one byte
 *                                    into FIFO and keeps it open, so the reader sees when all are
 *                                    there, and by its end of file when the last one is dead. */

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say_here(int fd) {
        if (write(fd, "x", 1) != 1)
                _exit(3);
}

static void pause_for_ever(void) {
        for (;;)
                pause();
}

static int tree(int n, const char *fifo, bool leaves) {
        int fd = open(fifo, O_WRONLY);

        if (fd < 0)
                return 2;
        for (int i = 0; i < n; i++) {
                pid_t pid = fork();

                if (pid < 0)
                        return 3;
                if (pid > 0)
                        continue;
                if (leaves && setsid() < 0)
                        _exit(3);
                say_here(fd);
                pause_for_ever();
        }
        say_here(fd);
        pause_for_ever();
        return 0;
}

int main(int argc, char **argv) {
        if (argc == 2 && strcmp(argv[1], "pause") == 0)
                pause_for_ever();
        if (argc == 5 && strcmp(argv[1], "tree") == 0)
                return tree(atoi(argv[2]), argv[3], strcmp(argv[4], "setsid") == 0);
        return 2;
}

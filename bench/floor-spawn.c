/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One posix_spawn, with what a service cannot leave out: the child's mask and dispositions must not
 * be the service's, its streams must not be either, and a stop wants a group to send to. */

#include "floor-spawn.h"

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

extern char **environ;

int floor_spawn(char *const *argv, int null_fd, pid_t *ret_pid) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attr;
        sigset_t none, all;
        int r;

        posix_spawn_file_actions_init(&actions);
        for (int fd = 0; fd < 3; fd++)
                posix_spawn_file_actions_adddup2(&actions, null_fd, fd);

        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_init(&attr);
        posix_spawnattr_setsigmask(&attr, &none);
        posix_spawnattr_setsigdefault(&attr, &all);
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                POSIX_SPAWN_SETSID);

        r = posix_spawnp(ret_pid, argv[0], &actions, &attr, argv, environ);
        posix_spawnattr_destroy(&attr);
        posix_spawn_file_actions_destroy(&actions);
        return -r;
}

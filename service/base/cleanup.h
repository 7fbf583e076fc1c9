/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Cleanup of descriptors by attribute, as g_autoptr does it for memory. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Closes fd if it is one, keeps errno, returns -EBADF for assignment. */
static inline int safe_close(int fd) {
        if (fd >= 0) {
                int saved = errno;

                close(fd);
                errno = saved;
        }
        return -EBADF;
}

static inline void safe_closep(int *fd) {
        safe_close(*fd);
}

#define _cleanup_close_ __attribute__((cleanup(safe_closep)))

/* Hands a descriptor over: the variable no longer owns it. */
static inline int steal_fd(int *fd) {
        int stolen = *fd;

        *fd = -EBADF;
        return stolen;
}

/* A copy of a descriptor, closed on exec; or negative errno. */
static inline int copy_fd(int fd) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

        return copy < 0 ? -errno : copy;
}

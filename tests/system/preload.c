/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loaded by LD_PRELOAD, it writes down as whom: nobody's library may run as somebody else. */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

__attribute__((constructor)) static void write_down(void) {
        int fd = open("/tmp/loaded-by", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

        if (fd < 0)
                return;
        dprintf(fd, "%u %u\n", (unsigned)geteuid(), (unsigned)getuid());
        close(fd);
}

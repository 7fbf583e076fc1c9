/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Thin and exact wrappers of the pidfd calls, raw where libc is too old to have them. */

#include "sys/pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PIDFD_SIGNAL_PROCESS_GROUP_FLAG (1U << 2) /* Linux 6.9 */

/* PIDFD_GET_INFO of Linux 6.13, whose exit_code came with 6.15: the first version of the struct that
 * has it, laid out as in linux/pidfd.h. */
#define PIDFD_INFO_EXIT_MASK (UINT64_C(1) << 3)

typedef struct PidfdInfo {
        uint64_t mask;
        uint64_t cgroupid;
        uint32_t pid, tgid, ppid;
        uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
        int32_t exit_code;
} PidfdInfo;

#define PIDFD_GET_INFO_IOCTL _IOWR(0xFF, 11, PidfdInfo)

int pidfd_open_process(pid_t pid, int *ret) {
        int fd;

        if (pid <= 0)
                return -ESRCH;
        fd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}

int pidfd_park(int *fd) {
        int parked = fcntl(*fd, F_DUPFD_CLOEXEC, PIDFD_PARKED_MIN);

        if (parked < 0)
                return -errno;
        close(*fd);
        *fd = parked;
        return 0;
}

static int send_signal(int pidfd, int signo, unsigned flags) {
        if (pidfd < 0)
                return -ESRCH;
        return syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, flags) < 0 ? -errno : 0;
}

int pidfd_signal(int pidfd, int signo) {
        return send_signal(pidfd, signo, 0);
}

int pidfd_signal_group(int pidfd, int signo) {
        int r = send_signal(pidfd, signo, PIDFD_SIGNAL_PROCESS_GROUP_FLAG);

        return r == -EINVAL && signo >= 0 && signo <= 64 ? -EOPNOTSUPP : r;
}

int pidfd_wait_dead(int pidfd, int timeout_msec) {
        struct pollfd p = {.fd = pidfd, .events = POLLIN};
        int r;

        do
                r = poll(&p, 1, timeout_msec);
        while (r < 0 && errno == EINTR);
        if (r < 0)
                return -errno;
        return r == 0 ? -ETIMEDOUT : 0;
}

bool pidfd_is_dead(int pidfd) {
        return pidfd_wait_dead(pidfd, 0) == 0;
}

static uint64_t timeval_nsec(const struct timeval *t) {
        return (uint64_t)t->tv_sec * NSEC_PER_SEC + (uint64_t)t->tv_usec * NSEC_PER_USEC;
}

int pidfd_reap(int pidfd, ReapMode mode, ExitStatus *ret) {
        int flags = WEXITED | WNOHANG | __WALL | (mode == REAP_KEEP ? WNOWAIT : 0);
        struct rusage usage = {0};
        siginfo_t info = {0};

        if (syscall(SYS_waitid, P_PIDFD, pidfd, &info, flags, &usage) < 0)
                return -errno;
        if (info.si_pid == 0)
                return -EAGAIN;
        *ret = (ExitStatus){
                .code = info.si_code == CLD_EXITED ? info.si_status : -info.si_status,
                .core_dumped = info.si_code == CLD_DUMPED,
                .known = true,
                .cpu_nsec = timeval_nsec(&usage.ru_utime) + timeval_nsec(&usage.ru_stime),
                .peak_bytes = (uint64_t)usage.ru_maxrss * 1024,
        };
        return 0;
}

void exit_status_from_wait(int wait_status, ExitStatus *ret) {
        *ret = (ExitStatus){
                .code = WIFSIGNALED(wait_status) ? -WTERMSIG(wait_status)
                                                 : WEXITSTATUS(wait_status),
                .core_dumped = WIFSIGNALED(wait_status) && WCOREDUMP(wait_status),
                .known = true,
                .peak_bytes = UINT64_MAX,
        };
}

int pidfd_exit_info(int pidfd, int *ret_wait_status) {
        PidfdInfo info = {.mask = PIDFD_INFO_EXIT_MASK};

        if (ioctl(pidfd, PIDFD_GET_INFO_IOCTL, &info) < 0 || !(info.mask & PIDFD_INFO_EXIT_MASK))
                return -ENODATA;
        *ret_wait_status = info.exit_code;
        return 0;
}

int pidfd_get_pid(int pidfd, pid_t *ret) {
        _cleanup_close_ int fd = -EBADF;
        char path[64], buffer[1024];
        const char *line;
        ssize_t n;
        long pid;
        int flags = fcntl(pidfd, F_GETFL);

        if (flags < 0)
                return -EBADF;
        snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        n = read(fd, buffer, sizeof buffer - 1);
        if (n < 0)
                return -errno;
        buffer[n] = 0;
        line = strstr(buffer, "\nPid:");
        /* PIDFD_THREAD shows as O_EXCL. */
        if (!line || flags & O_EXCL)
                return -EINVAL;
        pid = strtol(line + strlen("\nPid:"), NULL, 10);
        if (pid <= 0)
                return pid == -1 ? -ESRCH : -EINVAL;
        *ret = (pid_t)pid;
        return 0;
}

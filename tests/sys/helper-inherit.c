/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Prints what it inherited, in lines that do not depend on the machine: identity and capabilities,
 * signals, masks, limits that the service changes for itself, scheduling, the OOM score, the keyring
 * (whether it is another than that of its argument), descriptors, session, environment. */

#include <dirent.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void print_status(void) {
        static const char *const keys[] = {
                "Uid:",    "Gid:",        "Groups:",  "CapInh:", "CapPrm:", "CapEff:",
                "CapAmb:", "NoNewPrivs:", "Seccomp:", "SigBlk:", "SigIgn:", "SigCgt:"};
        FILE *file = fopen("/proc/self/status", "re");
        char line[256];

        while (file && fgets(line, sizeof line, file))
                for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
                        if (strncmp(line, keys[i], strlen(keys[i])) == 0)
                                printf("%s", line);
        if (file)
                fclose(file);
}

static void print_numbers(void) {
        FILE *score = fopen("/proc/self/oom_score_adj", "re"),
             *stat = fopen("/proc/self/stat", "re");
        int oom = -1, tty = -1;

        if (score && fscanf(score, "%d", &oom) == 1)
                printf("oom %d\n", oom);
        if (stat && fscanf(stat, "%*d %*s %*c %*d %*d %*d %d", &tty) == 1)
                printf("tty %d\n", tty);
        if (score)
                fclose(score);
        if (stat)
                fclose(stat);
}

static void print_keyring(const char *other) {
        long id = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);

        printf("keyring %s\n", id < 0 || id != strtol(other, NULL, 10) ? "own" : "shared");
}

static void print_descriptors(void) {
        DIR *directory = opendir("/proc/self/fd");
        struct dirent *entry;
        char seen[64] = "";

        while (directory && (entry = readdir(directory))) {
                int fd = atoi(entry->d_name);

                if (entry->d_name[0] == '.' || fd == dirfd(directory))
                        continue;
                if (fd >= 0 && fd < 63)
                        seen[fd] = 1;
                else
                        printf("fd %d\n", fd);
        }
        for (int fd = 0; fd < 63; fd++)
                if (seen[fd])
                        printf("fd %d\n", fd);
        if (directory)
                closedir(directory);
}

int main(int argc, char **argv, char **environment) {
        struct rlimit nofile;
        mode_t mask = umask(0);

        print_status();
        printf("umask %04o\n", (unsigned)mask);
        printf("nice %d\n", getpriority(PRIO_PROCESS, 0));
        printf("policy %d\n", sched_getscheduler(0));
        printf("timer slack %d\n", prctl(PR_GET_TIMERSLACK));
        getrlimit(RLIMIT_NOFILE, &nofile);
        printf("nofile %llu\n", (unsigned long long)nofile.rlim_cur);
        print_numbers();
        print_keyring(argc > 1 ? argv[1] : "0");
        printf("leader %d %d\n", getsid(0) == getpid(), getpgrp() == getpid());
        print_descriptors();
        for (; *environment; environment++)
                printf("env %s\n", *environment);
        return 0;
}

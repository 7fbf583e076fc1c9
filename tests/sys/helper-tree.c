/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Grows trees of processes of the shapes that programs have. Every member opens the file that is
 * named last for appending and takes a shared lock on it: from outside, the tree is gone when the
 * file can be locked exclusively, and its members are the PIDs that stand in it.
 *
 *   helper-tree SHAPE [N] FILE */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIFETIME_SEC 60 /* of everything here, whatever goes wrong with who should end it */

static const char *arg_file;
static int arg_n;
static int *arg_count; /* shared by the whole tree */
static time_t arg_end;

/* A member: known in the file, holding the lock, there until it is ended. */
static void enrol(void) {
        int fd = open(arg_file, O_RDWR | O_APPEND);
        char line[32];
        int n = snprintf(line, sizeof line, "%d\n", (int)getpid());

        if (time(NULL) >= arg_end)
                _exit(98);
        alarm((unsigned)(arg_end - time(NULL)));
        if (fd < 0 || flock(fd, LOCK_SH) < 0 || write(fd, line, (size_t)n) != n)
                _exit(99);
}

static void stay(void) {
        enrol();
        for (;;)
                pause();
}

static pid_t child(void (*body)(void)) {
        pid_t pid = fork();

        if (pid == 0) {
                body();
                _exit(0);
        }
        return pid;
}

static void own_group(void) {
        setpgid(0, 0);
        stay();
}

static void own_session(void) {
        setsid();
        stay();
}

static void double_fork(void) {
        setsid();
        if (fork() == 0) {
                setsid();
                stay();
        }
        _exit(0);
}

static void deaf(void) {
        signal(SIGTERM, SIG_IGN);
        stay();
}

static void stopped(void) {
        enrol();
        for (;;)
                raise(SIGSTOP);
}

static void traced(void) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        enrol();
        raise(SIGSTOP);
        for (;;)
                pause();
}

static void chain(void) {
        if (arg_n-- > 0)
                child(chain);
        stay();
}

/* Makes children until there are arg_n, and every child does the same. Then some go, and others make
 * new ones: whoever ends them all meets some who are being born. */
static void bomb(void) {
        signal(SIGCHLD, SIG_IGN);
        enrol();
        for (;;) {
                if (__atomic_add_fetch(arg_count, 1, __ATOMIC_SEQ_CST) > arg_n) {
                        __atomic_sub_fetch(arg_count, 1, __ATOMIC_SEQ_CST);
                        usleep(20000);
                        if (rand() % 64 == 0) {
                                __atomic_sub_fetch(arg_count, 1, __ATOMIC_SEQ_CST);
                                _exit(0);
                        }
                } else if (fork() == 0) {
                        setsid();
                        srand((unsigned)getpid());
                        enrol();
                }
        }
}

/* One generation after the other, each of which lives for a moment. */
static void relay(void) {
        setsid();
        for (;;) {
                enrol();
                if (fork() > 0)
                        _exit(0);
        }
}

static void grow(const char *shape) {
        if (strcmp(shape, "plain") == 0) {
                for (int i = 0; i < 3; i++)
                        child(stay);
        } else if (strcmp(shape, "group") == 0) {
                child(own_group);
        } else if (strcmp(shape, "session") == 0) {
                child(own_session);
        } else if (strcmp(shape, "daemon") == 0) {
                waitpid(child(double_fork), NULL, 0);
        } else if (strcmp(shape, "leader-exits") == 0) {
                child(stay);
                waitpid(child(double_fork), NULL, 0);
                usleep(20000);
                _exit(7);
        } else if (strcmp(shape, "leader-deaf") == 0) {
                signal(SIGTERM, SIG_IGN);
                child(stay);
        } else if (strcmp(shape, "members-deaf") == 0) {
                child(deaf);
                child(deaf);
        } else if (strcmp(shape, "stopped") == 0) {
                child(stopped);
                child(own_session);
        } else if (strcmp(shape, "traced") == 0) {
                waitpid(child(traced), NULL, WUNTRACED);
        } else if (strcmp(shape, "chain") == 0) {
                arg_n = 10;
                child(chain);
        } else if (strcmp(shape, "wide") == 0) {
                for (int i = 0; i < arg_n; i++)
                        child(i % 2 ? stay : own_session);
        } else if (strcmp(shape, "bomb") == 0) {
                child(bomb);
        } else if (strcmp(shape, "relay") == 0) {
                child(relay);
        } else {
                fprintf(stderr, "unknown shape %s\n", shape);
                _exit(2);
        }
}

int main(int argc, char **argv) {
        if (argc < 3)
                return 2;
        arg_count = mmap(NULL, sizeof *arg_count, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        arg_end = time(NULL) + LIFETIME_SEC;
        arg_file = argv[argc - 1];
        arg_n = argc > 3 ? atoi(argv[2]) : 0;
        grow(argv[1]);
        enrol();
        for (;;)
                pause();
}

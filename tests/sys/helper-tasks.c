/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gets stuck in the ways that programs do, for those who look at its tasks.
 *
 *   helper-tasks deadlock | pipe | descriptors | name | threads N | user UID | dumpable-user UID */

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define LIFETIME_SEC  60
#define N_DESCRIPTORS 1000

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both;

static void *take_second_first(void *data) {
        pthread_mutex_lock(&second);
        pthread_barrier_wait(&both);
        pthread_mutex_lock(&first);
        return NULL;
}

static void deadlock(void) {
        pthread_t thread;

        pthread_barrier_init(&both, NULL, 2);
        pthread_mutex_lock(&first);
        if (pthread_create(&thread, NULL, take_second_first, NULL) != 0)
                _exit(99);
        pthread_barrier_wait(&both);
        pthread_mutex_lock(&second);
}

static void read_pipe(void) {
        int ends[2];
        char byte;

        if (pipe(ends) < 0 || read(ends[0], &byte, 1) != 1)
                _exit(99);
}

static void *stay(void *data) {
        for (;;)
                pause();
        return NULL;
}

static void open_descriptors(void) {
        const struct rlimit limit = {N_DESCRIPTORS + 64, N_DESCRIPTORS + 64};

        if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
                _exit(99);
        for (unsigned i = 0; i < N_DESCRIPTORS; i++)
                if (open("/dev/zero", O_RDONLY) < 0)
                        _exit(99);
}

static void start_threads(int n) {
        pthread_t thread;

        for (int i = 0; i < n; i++)
                if (pthread_create(&thread, NULL, stay, NULL) != 0)
                        _exit(99);
}

static void become(const char *user) {
        unsigned uid = (unsigned)strtoul(user, NULL, 10);

        if (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
                _exit(99);
}

int main(int argc, char **argv) {
        const char *shape = argc > 1 ? argv[1] : "";

        alarm(LIFETIME_SEC);
        if (strcmp(shape, "deadlock") == 0)
                deadlock();
        else if (strcmp(shape, "pipe") == 0)
                read_pipe();
        else if (strcmp(shape, "descriptors") == 0)
                open_descriptors();
        else if (strcmp(shape, "name") == 0)
                prctl(PR_SET_NAME, "a\nb\033[2J\xff)R(");
        else if (strcmp(shape, "threads") == 0 && argc > 2)
                start_threads(atoi(argv[2]));
        else if (argc > 2) {
                become(argv[2]);
                prctl(PR_SET_DUMPABLE, strcmp(shape, "dumpable-user") == 0);
        }
        stay(NULL);
}

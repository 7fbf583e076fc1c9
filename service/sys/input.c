/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A task waits for input if it is blocked in a system call that reads its terminal, or the file that
 * is the standard input of the main process: a member of a pipeline that waits for its neighbour does
 * not count. Only what is proven by the call's own arguments counts. A select() up to descriptor 0
 * is proof, as shells and line editors make it; a poll() names its descriptors in the memory of the
 * process, which is not read: that can wait for a page fault on a dead mount. */

#include "sys/input.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/tasks.h"

#define TARGET_MAX 256

typedef struct Search {
        Tree *tree;
        uid_t uid;
        bool knows_input;                /* the next was looked at */
        char standard_input[TARGET_MAX]; /* of the main process; empty: not known */
        unsigned n_left;                 /* tasks to look at */
        bool found;
} Search;

/* What a descriptor refers to; empty if that is not known. */
static void read_target(pid_t pid, int fd, char ret[static TARGET_MAX]) {
        char path[48];
        ssize_t length;

        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
        length = readlink(path, ret, TARGET_MAX - 1);
        ret[length > 0 ? length : 0] = 0;
}

static bool is_terminal(const char *target) {
        return g_str_has_prefix(target, "/dev/pts/") || g_str_has_prefix(target, "/dev/tty") ||
               strcmp(target, "/dev/console") == 0;
}

/* The descriptor that a call reads, if it can wait for one alone; −1: none, or not proven. */
static int read_descriptor(const SystemCall *call) {
        if (call->foreign)
                return -1;
        switch (call->number) {
        case SYS_read:
        case SYS_readv:
                return (int)call->arguments[0];
#ifdef SYS_select
        case SYS_select:
#endif
        case SYS_pselect6:
                /* descriptors below 1, to read, none to write */
                return call->arguments[0] == 1 && call->arguments[1] != 0 && call->arguments[2] == 0
                               ? 0
                               : -1;
        default:
                return -1;
        }
}

static const char *standard_input(Search *search) {
        const Tree *tree = search->tree;

        if (!search->knows_input && !tree->exited && tasks_may_inspect(tree->pid, search->uid))
                read_target(tree->pid, 0, search->standard_input);
        search->knows_input = true;
        return search->standard_input;
}

static bool is_input(Search *search, pid_t pid, int fd) {
        char target[TARGET_MAX];

        read_target(pid, fd, target);
        if (target[0] == 0 || g_str_has_prefix(target, "anon_inode:"))
                return false;
        if (strcmp(target, "/dev/tty") == 0 || (fd == 0 && is_terminal(target)))
                return true;
        return strcmp(target, standard_input(search)) == 0;
}

static void look_at_task(Search *search, pid_t pid, pid_t tid) {
        SystemCall call;
        int fd;

        search->n_left--;
        if (tasks_read_system_call(pid, tid, &call) < 0)
                return;
        fd = read_descriptor(&call);
        search->found = fd >= 0 && is_input(search, pid, fd);
}

/* Each thread is a directory there, and the count of links tells how many there are. */
static bool has_one_thread(const char *task_directory) {
        struct stat status;

        return stat(task_directory, &status) >= 0 && status.st_nlink == 3;
}

static void look_at_tasks(Search *search, pid_t pid) {
        struct dirent *entry;
        char path[32];
        DIR *directory;

        snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
        if (has_one_thread(path)) {
                look_at_task(search, pid, pid);
                return;
        }
        directory = opendir(path);
        if (!directory)
                return;
        while (!search->found && search->n_left > 0 && (entry = readdir(directory))) {
                pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

                if (tid > 0)
                        look_at_task(search, pid, tid);
        }
        closedir(directory);
}

static int look_at_process(pid_t pid, void *userdata) {
        Search *search = userdata;

        if (tasks_may_inspect(pid, search->uid))
                look_at_tasks(search, pid);
        return search->found || search->n_left == 0;
}

bool input_is_awaited(Tree *tree, uid_t uid) {
        Search search = {.tree = tree, .uid = uid, .n_left = DOSSIER_TASKS_MAX};

        if (tree->failed || (tree->exited && tree->empty))
                return false;
        (void)tree->containment->foreach(tree, look_at_process, &search);
        return search.found;
}

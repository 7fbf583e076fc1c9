/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A walk goes down by the lists of children that /proc keeps for each thread. A number in such a list
 * may be somebody else's by the time it is looked at. So a child counts only if, after its pidfd was
 * opened, its parent is read as the process above, and that one's own pidfd then still says that it
 * has not been reaped, or if its parent is the root by now. */

#include "sys/walk.h"

#include <fcntl.h>

#define DIRENT_NAME 19 /* offset of the name in a linux_dirent64 */

typedef struct PathBuilder {
        char text[64];
        size_t length;
} PathBuilder;

RAW_CODE static void add_text(PathBuilder *path, const char *text) {
        for (; *text && path->length + 1 < sizeof path->text; text++) {
                RAW_LOOP();
                path->text[path->length++] = *text;
        }
        path->text[path->length] = 0;
}

RAW_CODE static void add_number(PathBuilder *path, int number) {
        char digits[12];
        int n = 0;

        do {
                RAW_LOOP();
                digits[n++] = (char)('0' + number % 10);
                number /= 10;
        } while (number > 0);
        while (n > 0 && path->length + 1 < sizeof path->text) {
                RAW_LOOP();
                path->text[path->length++] = digits[--n];
        }
        path->text[path->length] = 0;
}

RAW_CODE static long open_proc(int pid, const char *name, int tid, const char *rest, int flags) {
        PathBuilder path;

        path.length = 0;
        add_text(&path, "/proc/");
        add_number(&path, pid);
        add_text(&path, name);
        if (tid > 0) {
                add_number(&path, tid);
                add_text(&path, rest);
        }
        return raw4(SYS_openat, AT_FDCWD, path.text, flags | O_CLOEXEC, 0);
}

RAW_CODE static unsigned long parse_number(const char **at) {
        unsigned long number = 0;

        for (; **at >= '0' && **at <= '9'; (*at)++) {
                RAW_LOOP();
                number = number * 10 + (unsigned long)(**at - '0');
        }
        return number;
}

/* To the field-th word from here. */
RAW_CODE static const char *skip_fields(const char *at, int n) {
        while (n > 0 && *at) {
                RAW_LOOP();
                if (*at++ == ' ')
                        n--;
        }
        return at;
}

RAW_CODE int walk_read_stat(Walk *walk, int pid, WalkStat *ret) {
        long fd = open_proc(pid, "/stat", 0, "", O_RDONLY), n, paren = -1;
        const char *at;

        if (fd < 0)
                return (int)fd;
        n = raw3(SYS_read, fd, walk->buffer, sizeof walk->buffer - 1);
        raw1(SYS_close, fd);
        if (n <= 0)
                return n < 0 ? (int)n : -ESRCH;
        walk->buffer[n] = 0;
        for (long i = 0; i < n; i++) {
                RAW_LOOP();
                if (walk->buffer[i] == ')')
                        paren = i;
        }
        if (paren < 0 || paren + 4 >= n)
                return -EBADMSG;
        at = walk->buffer + paren + 2;
        ret->state = *at;
        at = skip_fields(at, 1);
        ret->ppid = (int)parse_number(&at);
        at = skip_fields(at, 5);
        ret->flags = parse_number(&at);
        at = skip_fields(at, 11);
        ret->n_threads = (int)parse_number(&at);
        return 0;
}

/* Appends the children that one thread has. Returns the new end of the list. */
RAW_CODE static int list_of_thread(Walk *walk, int pid, int tid, int end) {
        long fd = open_proc(pid, "/task/", tid, "/children", O_RDONLY), n;
        int number = 0;

        if (fd < 0)
                return end;
        while ((n = raw3(SYS_read, fd, walk->buffer, sizeof walk->buffer)) > 0) {
                RAW_LOOP();
                for (long i = 0; i < n; i++) {
                        char c = walk->buffer[i];

                        RAW_LOOP();
                        if (c >= '0' && c <= '9') {
                                number = number * 10 + (c - '0');
                        } else if (number > 0) {
                                if (end < WALK_PIDS_MAX)
                                        walk->pids[end++] = number;
                                number = 0;
                        }
                }
        }
        raw1(SYS_close, fd);
        return end;
}

/* The names of one piece of a task directory, gathered before the buffer is used again. */
RAW_CODE static int list_of_piece(Walk *walk, int pid, long n, int end) {
        int tids[64], n_tids = 0;

        for (long at = 0; at + DIRENT_NAME < n && n_tids < 64;) {
                const char *name = walk->buffer + at + DIRENT_NAME;
                int tid = (int)parse_number(&name);

                RAW_LOOP();
                if (tid > 0)
                        tids[n_tids++] = tid;
                at += *(const unsigned short *)(walk->buffer + at + 16);
        }
        for (int i = 0; i < n_tids; i++) {
                RAW_LOOP();
                end = list_of_thread(walk, pid, tids[i], end);
        }
        return end;
}

RAW_CODE static int list_children(Walk *walk, int pid, int n_threads, int end) {
        long fd, n;

        if (n_threads == 1)
                return list_of_thread(walk, pid, pid, end);
        fd = open_proc(pid, "/task", 0, "", O_RDONLY | O_DIRECTORY);
        if (fd < 0)
                return end;
        /* An entry takes at least 24 bytes: no more than 64 fit in this. */
        while ((n = raw3(SYS_getdents64, fd, walk->buffer, 64 * 24)) > 0) {
                RAW_LOOP();
                end = list_of_piece(walk, pid, n, end);
        }
        raw1(SYS_close, fd);
        return end;
}

/* A negative one is of a process that cannot be reaped now. */
RAW_CODE static bool is_unreaped(int pidfd) {
        return pidfd < 0 || raw4(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) != -ESRCH;
}

/* Opens pid as a child of the process of that frame; negative if it is not, or not any more. */
RAW_CODE static long open_child(Walk *walk, const WalkFrame *parent, int root, int pid,
                                WalkStat *ret) {
        long pidfd = raw2(SYS_pidfd_open, pid, 0);

        if (pidfd < 0)
                return pidfd;
        if (walk_read_stat(walk, pid, ret) >= 0 &&
            ((ret->ppid == root && is_unreaped(walk->root_pidfd)) ||
             (ret->ppid == parent->pid && is_unreaped(parent->pidfd))))
                return pidfd;
        raw1(SYS_close, pidfd);
        return -ESRCH;
}

/* Lists the children of the top frame; none if it was reaped while they were read. */
RAW_CODE static void open_frame(Walk *walk, WalkFrame *frame, int n_threads) {
        frame->end = list_children(walk, frame->pid, n_threads, frame->at);
        if (!is_unreaped(frame->pidfd))
                frame->end = frame->at;
}

/* Its children are listed before a process is visited: a visit that ends it makes them somebody
 * else's, and they would be found only by the next walk. False if there is no room for more. */
RAW_CODE static bool go_down(Walk *walk, int depth, int pid, int pidfd, const WalkStat *stat) {
        WalkFrame *next = &walk->frames[depth + 1];

        if (depth + 1 >= WALK_DEPTH_MAX)
                return false;
        next->pidfd = pidfd;
        next->pid = pid;
        next->at = walk->frames[depth].end;
        open_frame(walk, next, stat->n_threads);
        return true;
}

RAW_CODE static WalkNext visit_next(Walk *walk, int *depth, int root, WalkVisit visit,
                                    void *userdata) {
        WalkFrame *frame = &walk->frames[*depth];
        int pid = walk->pids[frame->at++];
        WalkNext next;
        WalkStat stat;
        long pidfd;
        bool below;

        pidfd = open_child(walk, frame, root, pid, &stat);
        if (pidfd < 0)
                return WALK_ON;
        below = go_down(walk, *depth, pid, (int)pidfd, &stat);
        next = visit(pid, (int)pidfd, &stat, userdata);
        if (below && next == WALK_ON)
                ++*depth;
        else
                raw1(SYS_close, pidfd);
        return next;
}

RAW_CODE void walk_descendants(Walk *walk, int root, int root_pidfd, WalkVisit visit,
                               void *userdata) {
        WalkNext next = WALK_ON;
        int depth = 0;

        walk->root_pidfd = root_pidfd;
        walk->frames[0].pidfd = root_pidfd;
        walk->frames[0].pid = root;
        walk->frames[0].at = 0;
        open_frame(walk, &walk->frames[0], 0);
        while (depth >= 0) {
                WalkFrame *frame = &walk->frames[depth];

                RAW_LOOP();
                if (frame->at < frame->end && next != WALK_END) {
                        next = visit_next(walk, &depth, root, visit, userdata);
                        continue;
                }
                if (depth > 0)
                        raw1(SYS_close, frame->pidfd);
                depth--;
        }
}

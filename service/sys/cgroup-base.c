/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files and directories of cgroup v2, alone or beside v1. Knows no trees. Only directories that this
 * service made, or one that is provably dead, are ever touched. */

#include "sys/cgroup-base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sys/controllers.h"
#include "sys/pidfd.h"
#include "sys/procfs.h"

#define INSTANCE_PREFIX "proctor-"
/* Cgroups that a tree's own processes nest in each other. */
#define DEPTH_MAX 16

static int open_directory(int at, const char *name) {
        int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        return fd < 0 ? -errno : fd;
}

int cgroup_write_at(int at, const char *file, const char *text) {
        _cleanup_close_ int fd = openat(at, file, O_WRONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int cgroup_read_at(int at, const char *file, char *buffer, size_t size) {
        _cleanup_close_ int fd = openat(at, file, O_RDONLY | O_CLOEXEC);
        size_t length = 0;

        if (fd < 0)
                return -errno;
        while (length < size - 1) {
                ssize_t n = read(fd, buffer + length, size - 1 - length);

                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                length += (size_t)n;
        }
        buffer[length] = 0;
        return 0;
}

bool cgroup_get_key(const char *text, const char *key, uint64_t *ret) {
        size_t length = strlen(key);

        for (const char *line = text; line; line = strchr(line, '\n')) {
                if (*line == '\n')
                        line++;
                if (strncmp(line, key, length) == 0 && line[length] == ' ') {
                        *ret = strtoull(line + length + 1, NULL, 10);
                        return true;
                }
        }
        return false;
}

/* Most cgroups have no directory in them, and that is asked with every signal and every look: here the
 * count of links tells it. */
static bool has_no_directory(int fd) {
        struct stat stat;

        return fstat(fd, &stat) >= 0 && stat.st_nlink == 2;
}

/* Calls back for each directory in this one. */
static int foreach_directory(int fd, int (*visit)(int at, const char *name, void *userdata),
                             void *userdata) {
        struct dirent *entry;
        DIR *directory;
        int copy, r = 0;

        if (has_no_directory(fd))
                return 0;
        copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (copy < 0)
                return -errno;
        directory = fdopendir(copy);
        if (!directory) {
                safe_close(copy);
                return -ENOMEM;
        }
        while (r == 0 && (entry = readdir(directory)))
                if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
                        r = visit(fd, entry->d_name, userdata);
        closedir(directory);
        return r;
}

typedef struct Removal {
        int depth;
} Removal;

static int remove_directory(int at, const char *name, void *userdata) {
        Removal inner = {.depth = ((Removal *)userdata)->depth + 1};
        _cleanup_close_ int fd = -EBADF;

        if (unlinkat(at, name, AT_REMOVEDIR) >= 0 || errno == ENOENT)
                return 0;
        if (errno != EBUSY || inner.depth > DEPTH_MAX)
                return -errno;
        fd = open_directory(at, name);
        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        (void)foreach_directory(fd, remove_directory, &inner);
        return unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

/* The mount point of cgroup v2 and which of its directories is mounted there. */
static int find_mount(char **ret_point, char **ret_root) {
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        if (!g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL))
                return -EOPNOTSUPP;
        lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++) {
                const char *type = strstr(*line, " - ");
                g_auto(GStrv) fields = NULL;

                if (!type || !g_str_has_prefix(type, " - cgroup2 "))
                        continue;
                fields = g_strsplit(*line, " ", 6);
                if (g_strv_length(fields) < 5)
                        continue;
                *ret_root = g_strcompress(fields[3]);
                *ret_point = g_strcompress(fields[4]);
                return 0;
        }
        return -EOPNOTSUPP;
}

int cgroup_find_own(char **ret) {
        g_autofree char *point = NULL, *root = NULL, *text = NULL, *own = NULL;
        const char *line, *below;
        int r = find_mount(&point, &root);

        if (r < 0)
                return r;
        if (!g_file_get_contents("/proc/self/cgroup", &text, NULL, NULL))
                return -EOPNOTSUPP;
        line = g_str_has_prefix(text, "0::") ? text : strstr(text, "\n0::");
        if (!line)
                return -EOPNOTSUPP;
        line = strstr(line, "0::") + 3;
        own = g_strndup(line, strcspn(line, "\n"));
        below = own;
        if (strcmp(root, "/") != 0) {
                if (!g_str_has_prefix(own, root))
                        return -EOPNOTSUPP;
                below += strlen(root);
        }
        if (g_str_has_prefix(below, "/.."))
                return -EOPNOTSUPP;
        *ret = g_build_filename(point, below, NULL);
        return 0;
}

/* Whether the path still names the open directory: a service that cleans up may have removed ours
 * between mkdir and lock. */
static bool still_there(int at, const char *name, int fd) {
        struct stat a, b;

        return fstat(fd, &a) >= 0 && fstatat(at, name, &b, AT_SYMLINK_NOFOLLOW) >= 0 &&
               a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static int make_instance(CgroupBase *base) {
        for (int i = 0; i < 8; i++) {
                _cleanup_close_ int fd = -EBADF;

                g_free(base->name);
                base->name = g_strdup_printf(INSTANCE_PREFIX "%d-%08x", (int)getpid(),
                                             g_random_int());
                if (mkdirat(base->parent_fd, base->name, 0755) < 0) {
                        if (errno == EEXIST)
                                continue;
                        return -errno;
                }
                fd = open_directory(base->parent_fd, base->name);
                if (fd == -ENOENT)
                        continue;
                if (fd < 0)
                        return fd;
                if (flock(fd, LOCK_EX | LOCK_NB) < 0 ||
                    !still_there(base->parent_fd, base->name, fd))
                        continue;
                base->instance_fd = steal_fd(&fd);
                return pidfd_park(&base->instance_fd);
        }
        return -EAGAIN;
}

/* Exactly as make_instance() names them: a user may well call a unit of his "proctor-web". */
static bool is_instance_name(const char *name) {
        size_t n_digits;

        if (!g_str_has_prefix(name, INSTANCE_PREFIX))
                return false;
        name += strlen(INSTANCE_PREFIX);
        n_digits = strspn(name, "0123456789");
        return n_digits > 0 && name[n_digits] == '-' &&
               strspn(name + n_digits + 1, "0123456789abcdef") == 8 &&
               strlen(name + n_digits + 1) == 8;
}

/* The lock falls with the last descriptor of the service that held it, and not before. */
static int end_if_dead(int at, const char *name, void *userdata) {
        const CgroupBase *base = userdata;
        _cleanup_close_ int fd = -EBADF;
        Removal removal = {0};

        if (!is_instance_name(name) || strcmp(name, base->name) == 0)
                return 0;
        fd = open_directory(at, name);
        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
                return 0;
        (void)cgroup_write_at(fd, "cgroup.kill", "1");
        /* What is killed is gone in a moment, in which nobody waits: a rest goes the next time. */
        for (int i = 0; i < 50; i++) {
                if (remove_directory(at, name, &removal) >= 0)
                        break;
                g_usleep(1000);
        }
        return 0;
}

/* As children are, if nothing is in the way: an old kernel, or a filter of system calls. */
static pid_t be_born_in(int fd) {
        struct clone_args args = {
                .flags = CLONE_INTO_CGROUP,
                .cgroup = (uint64_t)fd,
                .exit_signal = SIGCHLD,
        };
        long pid = syscall(SYS_clone3, &args, sizeof args);

        if (pid == 0)
                _exit(0);
        return (pid_t)pid;
}

static pid_t move_in(int fd) {
        _cleanup_close_ int procs_fd = openat(fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
        pid_t pid;

        if (procs_fd < 0)
                return -1;
        pid = fork();
        if (pid == 0)
                _exit(write(procs_fd, "0", 1) == 1 ? 0 : 1);
        return pid;
}

/* Whether this service may have a process there is known for sure only by doing it. */
static int try_to_enter(CgroupBase *base) {
        _cleanup_close_ int fd = -EBADF;
        siginfo_t info = {0};
        uint64_t number;
        pid_t pid;
        int r = cgroup_create(base, &number, &fd);

        if (r < 0)
                return r;
        pid = be_born_in(fd);
        if (pid < 0)
                pid = move_in(fd);
        /* Who is killed at birth (spawn_clone()) was let in as well. */
        if (pid < 0 || waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 ||
            (info.si_code == CLD_EXITED && info.si_status != 0))
                r = -EACCES;
        (void)cgroup_remove(base, number);
        return r;
}

static int open_base(CgroupBase *base, const char *directory) {
        int r;

        base->parent_fd = open_directory(AT_FDCWD, directory);
        if (base->parent_fd < 0)
                return base->parent_fd;
        r = pidfd_park(&base->parent_fd);
        if (r < 0)
                return r;
        r = make_instance(base);
        if (r < 0)
                return r;
        base->path = g_build_filename(directory, base->name, NULL);
        base->reserve_fd = fcntl(base->instance_fd, F_DUPFD_CLOEXEC, PIDFD_PARKED_MIN);
        if (base->reserve_fd < 0)
                return -errno;
        if (faccessat(base->instance_fd, "cgroup.kill", W_OK, AT_EACCESS) < 0)
                return -EOPNOTSUPP;
        r = try_to_enter(base);
        if (r < 0)
                return r;
        return foreach_directory(base->parent_fd, end_if_dead, base);
}

int cgroup_base_new(const char *directory, CgroupBase **ret) {
        g_autoptr(CgroupBase) base = g_new0(CgroupBase, 1);
        g_autofree char *own = NULL;
        int r;

        base->parent_fd = base->instance_fd = base->reserve_fd = -EBADF;
        if (!directory) {
                r = cgroup_find_own(&own);
                if (r < 0)
                        return r;
                directory = own;
        }
        r = open_base(base, directory);
        if (r == -EMFILE || r == -ENFILE || r == -ENOMEM)
                return r;
        if (r < 0)
                return -EOPNOTSUPP;
        *ret = g_steal_pointer(&base);
        return 0;
}

CgroupBase *cgroup_base_free(CgroupBase *base) {
        Removal removal = {0};

        if (!base)
                return NULL;
        if (base->instance_fd >= 0)
                (void)remove_directory(base->parent_fd, base->name, &removal);
        controllers_give_back(base);
        safe_close(base->reserve_fd);
        safe_close(base->instance_fd);
        safe_close(base->parent_fd);
        g_free(base->name);
        g_free(base->path);
        g_free(base);
        return NULL;
}

static void format_name(char name[static 32], uint64_t number) {
        snprintf(name, 32, "p%" PRIu64, number);
}

int cgroup_create(CgroupBase *base, uint64_t *ret_number, int *ret_fd) {
        uint64_t number = ++base->last;
        char name[32];
        int fd;

        format_name(name, number);
        if (mkdirat(base->instance_fd, name, 0755) < 0)
                return -errno;
        fd = open_directory(base->instance_fd, name);
        if (fd < 0) {
                (void)unlinkat(base->instance_fd, name, AT_REMOVEDIR);
                return fd;
        }
        *ret_number = number;
        *ret_fd = fd;
        return 0;
}

int cgroup_remove(CgroupBase *base, uint64_t number) {
        Removal removal = {0};
        char name[32];

        format_name(name, number);
        return remove_directory(base->instance_fd, name, &removal);
}

int cgroup_kill(CgroupBase *base, uint64_t number) {
        char file[64];
        int r;

        snprintf(file, sizeof file, "p%" PRIu64 "/cgroup.kill", number);
        r = cgroup_write_at(base->instance_fd, file, "1");
        if (r != -EMFILE && r != -ENFILE)
                return r;
        base->reserve_fd = safe_close(base->reserve_fd);
        r = cgroup_write_at(base->instance_fd, file, "1");
        base->reserve_fd = fcntl(base->instance_fd, F_DUPFD_CLOEXEC, PIDFD_PARKED_MIN);
        return r;
}

int cgroup_read(CgroupBase *base, uint64_t number, const char *file, char *buffer, size_t size) {
        char path[64];

        snprintf(path, sizeof path, "p%" PRIu64 "/%s", number, file);
        return cgroup_read_at(base->instance_fd, path, buffer, size);
}

int cgroup_write(CgroupBase *base, uint64_t number, const char *file, const char *text) {
        char path[64];

        snprintf(path, sizeof path, "p%" PRIu64 "/%s", number, file);
        return cgroup_write_at(base->instance_fd, path, text);
}

typedef struct MemberVisit {
        int (*visit)(pid_t pid, void *userdata);
        void *userdata;
        int depth;
} MemberVisit;

static int visit_own_members(int at, const MemberVisit *member) {
        _cleanup_close_ int fd = openat(at, "cgroup.procs", O_RDONLY | O_CLOEXEC);
        char text[4096];
        pid_t pid = 0;
        ssize_t n;

        while (fd >= 0 && (n = read(fd, text, sizeof text)) > 0)
                for (ssize_t i = 0; i < n; i++) {
                        int r = 0;

                        if (g_ascii_isdigit(text[i])) {
                                pid = pid * 10 + (text[i] - '0');
                                continue;
                        }
                        if (pid > 0) /* of another PID namespace it is 0 */
                                r = member->visit(pid, member->userdata);
                        if (r != 0)
                                return r;
                        pid = 0;
                }
        return 0;
}

static int visit_members(int at, const char *name, void *userdata) {
        MemberVisit inner = *(MemberVisit *)userdata;
        _cleanup_close_ int fd = open_directory(at, name);
        int r;

        if (fd < 0 || ++inner.depth > DEPTH_MAX)
                return 0;
        r = visit_own_members(fd, &inner);
        return r != 0 ? r : foreach_directory(fd, visit_members, &inner);
}

int cgroup_foreach(CgroupBase *base, uint64_t number, int (*visit)(pid_t pid, void *userdata),
                   void *userdata) {
        MemberVisit member = {.visit = visit, .userdata = userdata};
        char name[32];

        format_name(name, number);
        return visit_members(base->instance_fd, name, &member);
}

char *cgroup_events_path(const CgroupBase *base, uint64_t number) {
        return g_strdup_printf("%s/p%" PRIu64 "/cgroup.events", base->path, number);
}

bool cgroup_contains(const CgroupBase *base, uint64_t number, pid_t pid) {
        char text[8192], *line, *end, part[128];
        size_t length;

        if (procfs_read_file(pid, "cgroup", text, sizeof text, NULL) < 0)
                return false;
        line = g_str_has_prefix(text, "0::") ? text : strstr(text, "\n0::");
        if (!line)
                return false;
        line = strstr(line, "0::");
        end = strchr(line, '\n');
        if (end)
                *end = 0;
        length = (size_t)snprintf(part, sizeof part, "/%s/p%" PRIu64, base->name, number);
        line = strstr(line, part);
        return line && (line[length] == 0 || line[length] == '/');
}

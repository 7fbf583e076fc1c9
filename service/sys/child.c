/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs in the new process, in the service's own memory beside the running service: raw system calls
 * and the plan, nothing else (raw.h). The order of the steps is a rule of security, not of taste:
 * an own descriptor table before anything that may block, descriptors closed (not only marked)
 * before the uid changes, paths resolved as the user that the program will be, the signal mask
 * opened last. */

#include "sys/child.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "sys/raw.h"

#ifndef CLONE_FILES
#error "linux/sched.h is needed"
#endif

/* Architectures of 32 bits had ids of 16 first. */
#ifdef SYS_setresuid32
#define ID_CALL(name) SYS_##name##32
#else
#define ID_CALL(name) SYS_##name
#endif

const char *child_step_to_string(ChildStep step) {
        static const char *const names[_CHILD_STEP_MAX] = {
                [CHILD_STEP_DETACH] = "detach",
                [CHILD_STEP_CGROUP] = "cgroup",
                [CHILD_STEP_SESSION] = "session",
                [CHILD_STEP_SIGNALS] = "signals",
                [CHILD_STEP_STDIN] = "stdin",
                [CHILD_STEP_STDOUT] = "stdout",
                [CHILD_STEP_STDERR] = "stderr",
                [CHILD_STEP_DESCRIPTORS] = "descriptors",
                [CHILD_STEP_TERMINAL] = "terminal",
                [CHILD_STEP_LIMITS] = "limits",
                [CHILD_STEP_NICE] = "nice",
                [CHILD_STEP_OOM_SCORE] = "oom-score-adjust",
                [CHILD_STEP_CREDENTIALS] = "credentials",
                [CHILD_STEP_PRIVILEGES] = "no-new-privileges",
                [CHILD_STEP_CHDIR] = "chdir",
                [CHILD_STEP_EXEC] = "exec",
        };

        return step >= 0 && step < _CHILD_STEP_MAX ? names[step] : NULL;
}

RAW_CODE static void fail(const ChildPlan *plan, ChildStep step, long error) {
        ChildReport report = {.step = (int32_t)step, .error = (int32_t)-error};

        raw3(SYS_write, plan->status_fd, &report, sizeof report);
        raw_exit(127);
}

/* Until here the child uses the service's descriptor table. The copy that it gets is as small as
 * what it needs: this is why a start costs the same however many processes are held. */
RAW_CODE static void detach(ChildPlan *plan) {
        unsigned flags = plan->shares_descriptors ? CLOSE_RANGE_UNSHARE : 0;
        long r = raw3(SYS_close_range, plan->highest_fd + 1, UINT_MAX, flags);

        if (r < 0)
                fail(plan, CHILD_STEP_DETACH, r);
        __atomic_store_n(&plan->detached, 1, __ATOMIC_RELEASE);
        raw_futex_wake(&plan->detached);
}

/* The slow way in, see spawn_clone(). */
RAW_CODE static void enter_cgroup(const ChildPlan *plan) {
        char self = '0';
        long fd, r;

        if (!plan->enters_cgroup)
                return;
        fd = raw4(SYS_openat, plan->cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
        r = fd < 0 ? fd : raw3(SYS_write, fd, &self, 1);
        if (r < 0)
                fail(plan, CHILD_STEP_CGROUP, r);
        raw1(SYS_close, fd);
}

/* An ignored signal stays ignored over exec, and a handler of the service must never run here. */
RAW_CODE static void reset_signals(const ChildPlan *plan) {
        static const uint64_t by_default[4]; /* the kernel's struct sigaction, all zero */

        for (int signo = 1; signo <= 64; signo++) {
                RAW_LOOP();
                if (plan->handlers_are_reset && !(plan->ignored_signals >> (signo - 1) & 1))
                        continue;
                raw4(SYS_rt_sigaction, signo, by_default, NULL, 8);
        }
}

RAW_CODE static ChildStep step_of_fd(int target) {
        return target <= 2 ? (ChildStep)(CHILD_STEP_STDIN + target) : CHILD_STEP_DESCRIPTORS;
}

/* Sources that a target would overwrite go out of the way first. */
RAW_CODE static void lift(ChildPlan *plan) {
        long r = raw3(SYS_fcntl, plan->status_fd, F_DUPFD_CLOEXEC, plan->status_target + 1);

        if (r < 0)
                fail(plan, CHILD_STEP_DESCRIPTORS, r);
        plan->status_fd = (int)r;
        for (size_t i = 0; i < plan->n_fds; i++) {
                RAW_LOOP();
                r = raw3(SYS_fcntl, plan->fds[i].source, F_DUPFD_CLOEXEC, plan->status_target + 1);
                if (r < 0)
                        fail(plan, step_of_fd(plan->fds[i].target), r);
                plan->fds[i].source = (int)r;
        }
}

RAW_CODE static void place_descriptors(ChildPlan *plan) {
        int next = 0;
        long r;

        if (plan->lifts)
                lift(plan);
        for (size_t i = 0; i < plan->n_fds; i++) {
                const ChildFd *fd = &plan->fds[i];

                RAW_LOOP();
                r = fd->source == fd->target ? raw3(SYS_fcntl, fd->target, F_SETFD, 0)
                                             : raw3(SYS_dup3, fd->source, fd->target, 0);
                if (r < 0)
                        fail(plan, step_of_fd(fd->target), r);
        }
        if (plan->status_fd != plan->status_target) {
                r = raw3(SYS_dup3, plan->status_fd, plan->status_target, O_CLOEXEC);
                if (r < 0)
                        fail(plan, CHILD_STEP_DESCRIPTORS, r);
                plan->status_fd = plan->status_target;
        }
        for (size_t i = 0; i < plan->n_fds; i++) {
                RAW_LOOP();
                if (plan->fds[i].target > next)
                        raw3(SYS_close_range, next, plan->fds[i].target - 1, 0);
                next = plan->fds[i].target + 1;
        }
        raw3(SYS_close_range, plan->status_target + 1, UINT_MAX, 0);
}

/* One that is another session's is not taken from it. */
RAW_CODE static void take_terminal(const ChildPlan *plan) {
        long r = raw3(SYS_ioctl, 0, TIOCSCTTY, 0);

        if (r < 0)
                fail(plan, CHILD_STEP_TERMINAL, r);
}

/* After the descriptors: what was passed may have numbers above the program's own limit. */
RAW_CODE static void set_limits(const ChildPlan *plan) {
        long r;

        for (size_t i = 0; i < plan->n_limits; i++) {
                RAW_LOOP();
                r = raw4(SYS_prlimit64, 0, plan->limits[i].resource, &plan->limits[i].soft, NULL);
                if (r < 0)
                        fail(plan, CHILD_STEP_LIMITS, r);
        }
        if (plan->has_nice) {
                r = raw3(SYS_setpriority, 0 /* PRIO_PROCESS */, 0, plan->nice);
                if (r < 0)
                        fail(plan, CHILD_STEP_NICE, r);
        }
}

RAW_CODE static void set_oom_score(const ChildPlan *plan) {
        size_t length = 0;
        long fd, r;

        while (plan->oom_score[length] != 0) {
                RAW_LOOP();
                length++;
        }
        if (length == 0)
                return;
        fd = raw4(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0);
        r = fd < 0 ? fd : raw3(SYS_write, fd, plan->oom_score, length);
        if (r < 0)
                fail(plan, CHILD_STEP_OOM_SCORE, r);
        raw1(SYS_close, fd);
}

/* Three numbers of users or of groups, as the kernel has them, are that one. */
RAW_CODE static long expect_ids(long call, uint32_t id) {
        uint32_t ids[3];
        long r = raw3(call, &ids[0], &ids[1], &ids[2]);

        if (r >= 0 && (ids[0] != id || ids[1] != id || ids[2] != id))
                r = -EPERM;
        return r;
}

/* Each call is checked, and what has become of it too: a program must never run with half of its
 * identity. */
RAW_CODE static void set_credentials(const ChildPlan *plan) {
        const ChildCredentials *who = plan->credentials;
        long r;

        if (!who)
                return;
        r = raw2(ID_CALL(setgroups), who->n_groups, who->groups);
        if (r >= 0)
                r = raw2(ID_CALL(getgroups), 0, NULL);
        if (r >= 0 && r != (long)who->n_groups)
                r = -EPERM;
        if (r >= 0)
                r = raw3(ID_CALL(setresgid), who->gid, who->gid, who->gid);
        if (r >= 0)
                r = expect_ids(ID_CALL(getresgid), who->gid);
        if (r >= 0)
                r = raw3(ID_CALL(setresuid), who->uid, who->uid, who->uid);
        if (r >= 0)
                r = expect_ids(ID_CALL(getresuid), who->uid);
        if (r >= 0 && who->uid != 0 && raw3(ID_CALL(setresuid), 0, 0, 0) >= 0)
                r = -EPERM;
        /* Until exec it has the service's memory, and its user may send it a signal that would write
         * that to a disk (fs.suid_dumpable). The change of user alone does not forbid that. */
        if (r >= 0 && who->uid != 0)
                r = raw5(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
        if (r < 0)
                fail(plan, CHILD_STEP_CREDENTIALS, r);
}

/* Which errors of one directory of the search path leave the next one a chance. */
RAW_CODE static bool goes_on(long r) {
        return r == -ENOENT || r == -ENOTDIR || r == -EACCES || r == -ENAMETOOLONG ||
               r == -ESTALE || r == -ENODEV || r == -ETIMEDOUT || r == -ELOOP;
}

/* Writes "directory/name" to buffer; false if it does not fit. An empty directory is ".". */
RAW_CODE static bool join(char *buffer, size_t size, const char *directory, size_t length,
                          const char *name) {
        size_t n = 0;

        if (length + 2 >= size)
                return false;
        for (; n < length; n++) {
                RAW_LOOP();
                buffer[n] = directory[n];
        }
        if (n > 0)
                buffer[n++] = '/';
        for (; *name && n + 1 < size; name++) {
                RAW_LOOP();
                buffer[n++] = *name;
        }
        buffer[n] = 0;
        return *name == 0;
}

/* execvp without the shell that it falls back to. The error that is told is the most helpful one:
 * a program that was found but may not be run, before none found. */
RAW_CODE static long search_and_exec(const ChildPlan *plan) {
        const char *path = plan->search_path;
        char buffer[PATH_MAX];
        long best = -ENOENT;

        for (;;) {
                size_t length = 0;
                long r;

                RAW_LOOP();
                while (path[length] != 0 && path[length] != ':') {
                        RAW_LOOP();
                        length++;
                }
                r = join(buffer, sizeof buffer, path, length, plan->argv[0])
                            ? raw3(SYS_execve, buffer, plan->argv, plan->envp)
                            : -ENAMETOOLONG;
                if (!goes_on(r))
                        return r;
                if (r == -EACCES)
                        best = r;
                if (path[length] == 0)
                        return best;
                path += length + 1;
        }
}

/* Decimal, left-aligned, ended by a zero byte. */
RAW_CODE static void write_own_pid(char *place) {
        char digits[10];
        long pid = raw0(SYS_getpid);
        int n = 0;

        do {
                RAW_LOOP();
                digits[n++] = (char)('0' + pid % 10);
                pid /= 10;
        } while (pid > 0);
        while (n > 0) {
                RAW_LOOP();
                *place++ = digits[--n];
        }
        *place = 0;
}

RAW_CODE static bool has_slash(const char *s) {
        for (; *s; s++) {
                RAW_LOOP();
                if (*s == '/')
                        return true;
        }
        return false;
}

RAW_CODE static void execute(const ChildPlan *plan) {
        static const uint64_t nothing;
        long r;

        raw4(SYS_rt_sigprocmask, 2 /* SIG_SETMASK */, &nothing, NULL, 8);
        r = has_slash(plan->argv[0]) ? raw3(SYS_execve, plan->argv[0], plan->argv, plan->envp)
                                     : search_and_exec(plan);
        fail(plan, CHILD_STEP_EXEC, r);
}

RAW_CODE void child_main(void *argument) {
        ChildPlan *plan = argument;
        long r;

        detach(plan);
        enter_cgroup(plan);
        r = raw0(SYS_setsid);
        if (r < 0)
                fail(plan, CHILD_STEP_SESSION, r);
        reset_signals(plan);
        raw1(SYS_umask, plan->umask);
        /* Refused where there are no keyrings or no quota is left: then there is nothing to share
         * or nothing to be done. */
        if (plan->joins_keyring)
                raw2(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
        place_descriptors(plan);
        if (plan->takes_terminal)
                take_terminal(plan);
        set_limits(plan);
        set_oom_score(plan);
        set_credentials(plan);
        if (plan->no_new_privileges) {
                r = raw5(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
                if (r < 0)
                        fail(plan, CHILD_STEP_PRIVILEGES, r);
        }
        if (plan->working_directory) {
                r = raw1(SYS_chdir, plan->working_directory);
                if (r < 0)
                        fail(plan, CHILD_STEP_CHDIR, r);
        }
        if (plan->own_pid)
                write_own_pid(plan->own_pid);
        execute(plan);
}

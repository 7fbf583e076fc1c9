/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What core asks of the world, and what the world tells core. sys fills Hands; tests fill it with a
 * world of their own. Nothing here blocks.
 *
 * A Tree is one started or adopted process together with all that it started. It belongs to sys;
 * core holds one for each process from start() or adopt() until release().
 *
 *   start() ──▶ started ──▶ exited ──▶ emptied        release() at any time: ends what is left,
 *        └────▶ start_failed                          tells nothing more
 *   adopt() ──▶ exited ──▶ emptied
 *
 * Events come from the main loop, never from inside a call of Hands, and in this order: an exit that
 * is seen before its start is settled is kept until then. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/time-util.h"
#include "core/account.h"
#include "core/dossier.h"
#include "core/spec.h"

typedef struct Tree Tree;

/* A captured stream. Outlives its tree as long as somebody has a reference. */
typedef struct Output Output;

typedef enum OutputStream {
        OUTPUT_STDOUT,
        OUTPUT_STDERR,
        _OUTPUT_STREAM_MAX,
} OutputStream;

typedef struct OutputStat {
        uint64_t limit_bytes;
        uint64_t seen_bytes; /* since the first */
        uint64_t kept_bytes; /* the newest of them */
        bool ended;
} OutputStat;

/* Whom a signal goes to. */
typedef enum TreeScope {
        TREE_MAIN,  /* the main process alone */
        TREE_GROUP, /* its process group */
        TREE_ALL,   /* everything that the containment can name */
        _TREE_SCOPE_MAX,
} TreeScope;

/* How the main process ended. */
typedef struct ExitStatus {
        int code;            /* 0 to 255 as returned, −N: signal N */
        bool core_dumped;    /* with a signal only */
        bool known;          /* false: nobody can know; code is 0 */
        uint64_t cpu_nsec;   /* of it and the children that it waited for; 0 if not known */
        uint64_t peak_bytes; /* highest resident memory; UINT64_MAX if not known */
} ExitStatus;

/* Why a start failed: the step, what it was done on, and the errno. */
typedef struct StartFailure {
        const char *step;   /* "exec", "chdir", …; static */
        const char *object; /* a path or name; may be NULL */
        int error;          /* positive errno; 0: text says it */
        const char *text;
} StartFailure;

/* What a look at a tree is for. What only its tasks tell takes a walk through all of them, microseconds
 * each; a cgroup tells the CPU time by itself, and the others where it has the controllers. */
typedef enum ProbeFields {
        PROBE_CPU = 1 << 0,
        PROBE_MEMORY = 1 << 1,
        PROBE_PEAK = 1 << 2,
        PROBE_TASKS = 1 << 3,
        PROBE_ALL = PROBE_CPU | PROBE_MEMORY | PROBE_PEAK | PROBE_TASKS,
} ProbeFields;

/* A look at a tree as it is now. */
typedef struct TreeProbe {
        uint64_t cpu_nsec;
        uint64_t memory_bytes;
        uint64_t peak_bytes; /* UINT64_MAX if not known */
        uint64_t n_tasks;
} TreeProbe;

typedef struct HandsEvents {
        void (*started)(void *userdata, pid_t pid);
        void (*start_failed)(void *userdata, const StartFailure *failure);
        void (*exited)(void *userdata, const ExitStatus *status);
        void (*emptied)(void *userdata);
        /* a message came on its notify socket, from its own user or root */
        void (*notify)(void *userdata, const char *text, size_t length);
        void (*output)(void *userdata); /* bytes came on a captured stream */
} HandsEvents;

/* What a look-up found: error is 0 or negative. -ENOENT: there is no such user; -EINVAL: nobody can
 * be called so; -ETIMEDOUT, -EIO: the user database does not answer. */
typedef void (*AccountFunc)(void *userdata, int error, Account *account);

typedef struct Hands {
        void *world;

        /* Looks up the user of that name or decimal uid. 1 and a reference if he is known already;
         * 0: func will be called, from the main loop; negative errno (-EAGAIN: too many look-ups).
         * NULL where all processes are the service's own user's. */
        int (*look_up)(void *world, const char *user, AccountFunc func, void *userdata,
                       Account **ret);

        /* func will not be called with that userdata. */
        void (*cancel_look_up)(void *world, void *userdata);

        /* Makes sure that each controller which spec asks for can be had. -EOPNOTSUPP, and the first
         * one that cannot. NULL: none can. */
        int (*provide)(void *world, const Spec *spec, Controller *ret_lacking);

        /* Begins to start spec as a process of uid, by becoming spec's account if it has one. spec stays the caller's, who may free it when
         * the start is settled, and not before. Negative errno if it could not even begin
         * (EAGAIN, ENOMEM, EMFILE: of the machine). */
        int (*start)(void *world, const Spec *spec, uid_t uid, const HandsEvents *events,
                     void *userdata, Tree **ret);

        /* Takes over a running process. pidfd may be -1 and stays the caller's. ret_command is what
         * its command line is, a new strv. -ESRCH: no such process; -EPERM: refused (another
         * user's, the service, init); -EINVAL: not a pidfd of that PID, or of a thread;
         * -EOPNOTSUPP. */
        int (*adopt)(void *world, pid_t pid, int pidfd, uid_t uid, const HandsEvents *events,
                     void *userdata, Tree **ret, char ***ret_command);

        /* -ESRCH if nobody is left who could get it. */
        int (*signal)(void *world, Tree *tree, int signo, TreeScope scope);

        /* What guarantees that the tree ends: a word of PROCTOR_CONTAINMENTS. */
        const char *(*containment)(void *world, Tree *tree);

        /* 0, or -ESRCH when nothing is left. What was not asked for is undefined. */
        int (*probe)(void *world, Tree *tree, ProbeFields wanted, TreeProbe *ret);

        /* Whether its main process is held by somebody at this moment: stopped by a signal, traced, or
         * frozen. A look at that process alone. */
        bool (*is_held)(void *world, Tree *tree);

        /* For how long its main process could not run (it was stopped by a signal, or frozen) since
         * that time or since the last such question, whichever was later; as far as it was seen. */
        usec_t (*held)(void *world, Tree *tree, usec_t since);

        /* Who is left and what he is stuck in, for people: "1234 (cat): D in nfs_wait". New string;
         * NULL if nobody. */
        char *(*survivors)(void *world, Tree *tree);

        /* Adds what the tasks of a tree are doing now, as far as `uid` could see it himself: of a
         * process that has got other rights, only what everybody sees. Takes a few milliseconds at
         * the most. -ESRCH when nothing is left. */
        int (*inspect)(void *world, Tree *tree, uid_t uid, Dossier *dossier);

        /* Whether somebody of the tree is blocked reading its terminal or its standard input, as far
         * as that is certain and `uid` could see it himself. */
        bool (*waits_for_input)(void *world, Tree *tree, uid_t uid);

        /* A new reference; NULL if that stream is not captured. */
        Output *(*output)(void *world, Tree *tree, OutputStream stream);
        Output *(*output_unref)(void *world, Output *output);
        OutputStat (*output_stat)(void *world, const Output *output);

        /* Copies from that offset on, which is moved up to the oldest byte that is kept and down to
         * the end; how many bytes. ret_eof: nothing will come after ret_next. */
        size_t (*output_read)(void *world, Output *output, uint64_t offset, void *buffer,
                              size_t max, uint64_t *ret_next, bool *ret_eof);

        /* The read end of a pipe with what is kept and what comes, until the end. -EMFILE: it has
         * too many readers. */
        int (*output_open)(void *world, Output *output, int *ret_fd);

        /* Of the terminal that the service made for the tree. -ENOTTY: it made none. */
        int (*terminal_resize)(void *world, Tree *tree, TerminalSize size);

        /* One end of a stream socket: what its terminal shows can be read from it as from
         * output_open(), and what is written to it is typed. -ENOTTY; -EMFILE: too many. */
        int (*terminal_open)(void *world, Tree *tree, int *ret_fd);

        /* Ends what is left of the tree without waiting, and forgets it. */
        void (*release)(void *world, Tree *tree);

        /* Forgets the tree and leaves what is left of it alone. */
        void (*abandon)(void *world, Tree *tree);

        /* What time it is, for what the world tells on its own. */
        Now (*now)(void *world);

        /* Calls back once at or soon after that CLOCK_MONOTONIC time, replacing any earlier wish;
         * USEC_INFINITY: never. */
        void (*arm)(void *world, usec_t deadline);
} Hands;

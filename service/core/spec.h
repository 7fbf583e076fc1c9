/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What to start: everything that a caller asked for, checked and in one place, as plain data.
 * The bus layer fills it, sys makes a process of it. It owns its strings and descriptors. */

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/time-util.h"
#include "core/account.h"

typedef enum StdioKind {
        STDIO_NULL,     /* /dev/null */
        STDIO_FD,       /* a descriptor that the caller gave */
        STDIO_CAPTURE,  /* kept by the service; not for standard input */
        STDIO_JOURNAL,  /* while options are read: STDIO_FD afterwards */
        STDIO_TERMINAL, /* a pseudo terminal that the service makes: all three, or none */
        _STDIO_KIND_MAX,
} StdioKind;

typedef struct StdioSpec {
        StdioKind kind;
        int fd; /* STDIO_FD: owned; else -EBADF */
} StdioSpec;

typedef struct TerminalSize {
        uint16_t rows, columns;
} TerminalSize;

typedef struct ExtraFd {
        int target; /* number in the process, >= 3 */
        int fd;     /* owned */
} ExtraFd;

typedef struct ResourceLimit {
        int resource; /* RLIMIT_… */
        uint64_t soft;
        uint64_t hard; /* UINT64_MAX: infinity */
} ResourceLimit;

/* Which of the optional attributes were given; the others keep what every process starts with. */
typedef enum SpecFlags {
        SPEC_CLEAR_ENVIRONMENT = 1 << 0,
        SPEC_NO_NEW_PRIVILEGES = 1 << 1,
        SPEC_HAS_NICE = 1 << 2,
        SPEC_HAS_OOM_SCORE_ADJUST = 1 << 3,
        SPEC_NOTIFY = 1 << 4,   /* gets a notify socket */
        SPEC_TERMINAL = 1 << 5, /* its standard input is its controlling terminal */
} SpecFlags;

/* Controllers of cgroup v2, for limits of a whole tree. */
typedef enum Controller {
        CONTROLLER_MEMORY,
        CONTROLLER_PIDS,
        CONTROLLER_CPU,
        _CONTROLLER_MAX,
} Controller;

/* As the kernel calls it; static. */
const char *controller_to_string(Controller controller);

typedef struct Spec {
        Account *account;         /* whom the process shall be; NULL: who the service is */
        char **argv;              /* at least one element, the first not empty */
        char *working_directory;  /* absolute, or NULL: the service's, or the account's home */
        char **set_environment;   /* NAME=VALUE, on top of the base environment; or NULL */
        char **unset_environment; /* NAME, taken from the base environment; or NULL */
        StdioSpec stdio[3];
        GArray *extra_fds;                 /* ExtraFd, targets distinct; or NULL */
        GArray *limits;                    /* ResourceLimit; or NULL */
        uint64_t control[_CONTROLLER_MAX]; /* bytes, tasks, weight; 0: not given */
        SpecFlags flags;
        TerminalSize terminal_size; /* with STDIO_TERMINAL */
        usec_t watchdog_usec; /* SPEC_NOTIFY: how often it is to say that it is alive; 0: need not */
        uint64_t output_limit; /* bytes kept of each captured stream */
        mode_t umask;          /* 0022 unless given */
        int nice;
        int oom_score_adjust;
} Spec;

#define TERMINAL_ROWS_DEFAULT    24
#define TERMINAL_COLUMNS_DEFAULT 80

#define OUTPUT_LIMIT_DEFAULT 65536
#define OUTPUT_LIMIT_MIN     4096
#define OUTPUT_LIMIT_MAX     (8 * 1024 * 1024)

Spec *spec_new(void);
Spec *spec_free(Spec *spec);

/* With descriptors of its own for the same files, which share their position. Negative errno. */
int spec_copy(const Spec *spec, Spec **ret);

/* What it keeps: bytes of its texts, and descriptors. */
size_t spec_bytes(const Spec *spec);
unsigned spec_descriptors(const Spec *spec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Spec, spec_free)

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The supervisor: verbs in, hands and events out. It owns every process and decides what happens to
 * it and when. It knows no bus, no clock and no system call: time is an argument, the world is a
 * struct Hands, and who calls has asked already whether the caller may.
 *
 * Order that it guarantees: the answer to a start, then the process is announced, then changes, then
 * its end, then its waiters, then (when it is forgotten) its removal. */

#include "core/error.h"
#include "core/hands.h"
#include "core/process.h"
#include "core/registry.h"
#include "core/waiter.h"

/* What changed of a process that is told at once; the bits of one call belong together. */
typedef enum ProcessChange {
        CHANGE_STATE = 1 << 0, /* State; when finished also exit code, result and exit times */
        CHANGE_HEALTH = 1 << 1,
        CHANGE_WATCHED = 1 << 2,
        CHANGE_POLICY = 1 << 3,   /* a writable property */
        CHANGE_STATUS = 1 << 4,   /* what it says of itself */
        CHANGE_TERMINAL = 1 << 5, /* the size of its terminal */
} ProcessChange;

/* The same of a group. */
typedef enum GroupChange {
        GROUP_CHANGE_STATE = 1 << 0,
        GROUP_CHANGE_RESULT = 1 << 1, /* result, exit code and the member that failed first */
        GROUP_CHANGE_MEMBERS = 1 << 2,
} GroupChange;

typedef struct SupervisorEvents {
        void (*added)(void *userdata, Process *process);
        void (*changed)(void *userdata, Process *process, ProcessChange changes);
        void (*exited)(void *userdata, Process *process);
        void (*hung)(void *userdata, Process *process, usec_t idle, bool stops);
        void (*removed)(void *userdata, Process *process);
        void (*watchdog_changed)(void *userdata);
        void (*group_added)(void *userdata, Group *group);
        void (*group_changed)(void *userdata, Group *group, GroupChange changes);
        void (*member_exited)(void *userdata, Group *group, const Member *member);
        void (*member_failed)(void *userdata, Group *group, const Member *member);
        void (*group_finished)(void *userdata, Group *group);
        void (*group_removed)(void *userdata, Group *group);
        void (*idle)(void *userdata); /* after supervisor_end(): nothing is left */
} SupervisorEvents;

/* The defaults of the watchdog, as one thing that can be read and set. */
typedef struct WatchdogDefaults {
        WatchdogPolicy policy;
        usec_t check_interval;
} WatchdogDefaults;

/* What the texts of a user's finished processes may take: older ones are forgotten. */
#define FINISHED_BYTES_MAX ((size_t)32 * 1024 * 1024)

typedef struct SupervisorSettings {
        QuotaLimits limits; /* per user; root has root_factor times as much */
        uint32_t max_live;  /* of all users: what the machine's descriptors allow */
        uint32_t finished_max;
        usec_t finished_age;
        uint32_t root_factor;      /* of root's limits */
        WatchdogDefaults watchdog; /* in the beginning */
        bool watchdog_active;
} SupervisorSettings;

#define CHECK_INTERVAL_MIN    USEC_PER_MSEC
#define CHECK_INTERVAL_MAX    USEC_PER_HOUR
#define TIMEOUT_MIN           USEC_PER_MSEC
#define SHUTDOWN_STOP_TIMEOUT (10 * USEC_PER_SEC) /* StopTimeout counts no more at the end */

SupervisorSettings supervisor_settings_default(void);

Supervisor *supervisor_new(const Hands *hands, const SupervisorSettings *settings,
                           const SupervisorEvents *events, void *userdata, const Now *now);
Supervisor *supervisor_free(Supervisor *supervisor);

/* What the events are told with. */
void *supervisor_userdata(Supervisor *supervisor);

/* The proof that whoever asks may. What changes, ends or gives away something takes one, so that a
 * caller who forgot to ask does not compile: the type is complete nowhere but where it is decided
 * (bus/access.c), and nothing here looks into it. */
typedef struct Grant Grant;

/* Who asks. */
typedef struct Caller {
        uid_t uid;
        uint64_t origin; /* the connection, a number that is never used again */
} Caller;

/* process is NULL and failure set, or the other way round. The process is published. */
typedef void (*StartFunc)(void *userdata, Process *process, const StartFailure *failure);

/* Begins a start of a process of the caller, or of spec's account if it has one; the limits are the
 * caller's. Takes over spec and what config owns, in any case. func is called once, later,
 * unless this fails: CORE_E_SHUTTING_DOWN, CORE_E_LIMIT (ret_limit is the limit's name, static),
 * negative errno. */
int supervisor_start(Supervisor *supervisor, const Grant *grant, Spec *spec, ProcessConfig *config,
                     const Caller *caller, StartFunc func, void *userdata, const Now *now,
                     const char **ret_limit);

/* Negative errno as Hands.adopt; a process that is managed already is watched again. */
int supervisor_adopt(Supervisor *supervisor, const Grant *grant, pid_t pid, int pidfd,
                     ProcessConfig *config, const Caller *caller, const Now *now, Process **ret,
                     const char **ret_limit);

/* As Hands.look_up; -EOPNOTSUPP where all processes are the service's own user's. */
int supervisor_look_up(Supervisor *supervisor, const char *user, AccountFunc func, void *userdata,
                       Account **ret);
void supervisor_cancel_look_up(Supervisor *supervisor, void *userdata);

/* Looks. `owner` selects whose: UID_ANY for all. */
Process *supervisor_find(Supervisor *supervisor, uint64_t id);
Process *supervisor_find_pid(Supervisor *supervisor, pid_t pid, uid_t owner);
GPtrArray *supervisor_list(Supervisor *supervisor, uid_t owner); /* Process, not owned, by id */
unsigned supervisor_count(Supervisor *supervisor, uid_t owner);
/* What the arguments and the environment of one start by that user may have; 0: no limit. */
size_t supervisor_argument_bytes(const Supervisor *supervisor, uid_t uid);
unsigned supervisor_count_running(Supervisor *supervisor, uid_t owner);
Stats supervisor_stats(Supervisor *supervisor, uid_t owner);
uint64_t supervisor_wakeups(Supervisor *supervisor);
Health supervisor_health(Supervisor *supervisor, const Process *process, const Now *now);
WatchdogPolicy supervisor_policy(Supervisor *supervisor, const Process *process);
bool supervisor_watches(Supervisor *supervisor, const Process *process);

/* 0, or -EOPNOTSUPP and the first controller that spec asks for in vain. */
int supervisor_provide(Supervisor *supervisor, const Spec *spec, Controller *ret_lacking);
int supervisor_probe(Supervisor *supervisor, Process *process, ProbeFields wanted, TreeProbe *ret);
char *supervisor_survivors(Supervisor *supervisor, Process *process);

/* What its tasks are doing, as a new reference: of one that runs now, later what was kept when it
 * hung; NULL if there is nothing. */
Dossier *supervisor_get_dossier(Supervisor *supervisor, const Grant *grant, Process *process,
                                const Now *now);

/* Whether it is blocked reading its input, and what it probably asks for: a new string, empty if
 * nothing. Looks without a grant: the bus shows properties to whoever sees the object. */
bool supervisor_waits_for_input(Supervisor *supervisor, Process *process);
char *supervisor_find_prompt(Supervisor *supervisor, Process *process);

/* Captured output. CORE_E_NOT_CAPTURED. */
typedef struct OutputPiece {
        size_t length;
        uint64_t next; /* offset after it */
        bool eof;      /* and nothing will come after that */
} OutputPiece;

OutputStat supervisor_output_stat(Supervisor *supervisor, const Process *process,
                                  OutputStream stream);
int supervisor_read_output(Supervisor *supervisor, const Grant *grant, const Process *process,
                           OutputStream stream, uint64_t offset, void *buffer, size_t max,
                           OutputPiece *ret);
/* -EMFILE: too many readers. */
int supervisor_open_output(Supervisor *supervisor, const Grant *grant, const Process *process,
                           OutputStream stream, int *ret_fd);

/* The terminal that the service made. CORE_E_NO_TERMINAL, CORE_E_NOT_RUNNING, negative errno. */
int supervisor_resize_terminal(Supervisor *supervisor, const Grant *grant, Process *process,
                               TerminalSize size);
/* -EMFILE: too many streams. */
int supervisor_open_terminal(Supervisor *supervisor, const Grant *grant, Process *process,
                             int *ret_fd);

/* The groups; the verbs about one are in core/group.h. */
Group *supervisor_find_group(Supervisor *supervisor, uint64_t id);
Group *supervisor_find_group_named(Supervisor *supervisor, const char *name, uid_t owner);
/* Group, not owned, by id. */
GPtrArray *supervisor_list_groups(Supervisor *supervisor, uid_t owner);
/* Forgets those of an owner of which nothing is left, with their finished processes. */
void supervisor_cleanup_groups(Supervisor *supervisor, const Grant *grant, uid_t owner);

/* Begins to wait. NULL if the condition is met already, then func is not called. */
Waiter *supervisor_wait(Supervisor *supervisor, GPtrArray *processes, WaitFor wait_for,
                        WaitMode mode, usec_t timeout, const Now *now, WaiterFunc func,
                        void *userdata);

/* Begins to end a process and its tree, or what is left of it; harmless when nothing is. */
void supervisor_stop(Supervisor *supervisor, const Grant *grant, Process *process, StopMode mode,
                     const Now *now);

/* The same for all of an owner that run, are being started, or have left something behind: what to
 * wait for, a new array with references. A process that is being started may never be published. */
GPtrArray *supervisor_stop_all(Supervisor *supervisor, const Grant *grant, uid_t owner,
                               StopMode mode, const Now *now);

/* CORE_E_NOT_RUNNING, negative errno. */
int supervisor_signal(Supervisor *supervisor, const Grant *grant, Process *process, int signo,
                      TreeScope scope);

/* A sign of life. */
void supervisor_report(Supervisor *supervisor, const Grant *grant, Process *process,
                       ActivitySource source, const Now *now);

/* Watches again, or no longer. CORE_E_NOT_RUNNING. */
int supervisor_watch(Supervisor *supervisor, const Grant *grant, Process *process, bool watched,
                     const Now *now);

/* Changes a part of the policy. CORE_E_NOT_RUNNING; the value was checked. */
int supervisor_set_policy(Supervisor *supervisor, const Grant *grant, Process *process,
                          const WatchdogPolicy *policy, PolicyMask which, const Now *now);
int supervisor_set_stop_timeout(Supervisor *supervisor, const Grant *grant, Process *process,
                                usec_t timeout, const Now *now);

/* Forgets a finished process. CORE_E_STILL_ALIVE. */
int supervisor_collect(Supervisor *supervisor, const Grant *grant, Process *process);
/* Forgets all finished processes of an owner whose trees nobody is stopping; how many. */
unsigned supervisor_cleanup(Supervisor *supervisor, const Grant *grant, uid_t owner);

/* A connection is gone: what was bound to it is ended. */
void supervisor_origin_gone(Supervisor *supervisor, uint64_t origin, const Now *now);

const WatchdogDefaults *supervisor_watchdog_defaults(Supervisor *supervisor);
void supervisor_set_watchdog_defaults(Supervisor *supervisor, const Grant *grant,
                                      const WatchdogDefaults *defaults, const Now *now);
bool supervisor_watchdog_is_active(Supervisor *supervisor);
void supervisor_watchdog_activate(Supervisor *supervisor, const Grant *grant, bool active,
                                  const Now *now);

/* Whether the service could leave and nobody would miss anything: there is no process, finished or
 * not, no group, and the watchdog is set as it was in the beginning. */
bool supervisor_is_unused(const Supervisor *supervisor);

/* How many processes that were there are not any more, not as finished ones either. */
uint64_t supervisor_count_gone(const Supervisor *supervisor, bool *ret_some_left);

/* The service runs again, and may not have run since that time: it does not count. */
void supervisor_resume(Supervisor *supervisor, usec_t since, const Now *now);

/* The timer that Hands.arm set has come. */
void supervisor_tick(Supervisor *supervisor, const Now *now);

/* The service is ending: starts are refused, everything is stopped under one deadline; then idle()
 * is called. */
void supervisor_end(Supervisor *supervisor, const Now *now);

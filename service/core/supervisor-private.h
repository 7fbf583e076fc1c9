/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of the supervisor share: supervisor.c (verbs about the whole), lifecycle.c (start
 * to forgotten), judge.c (what is due: watchdog, ladder, limits). Nobody else includes this. */

#include "core/supervisor.h"

struct Supervisor {
        Hands hands;
        SupervisorSettings settings;
        QuotaLimits root_limits;
        SupervisorEvents events;
        void *userdata;

        Registry registry;
        Deadlines *deadlines;
        Deadline age; /* when the oldest finished process is to be forgotten */
        usec_t armed;

        WatchdogDefaults defaults;
        bool active;
        uint64_t wakeups;

        uint64_t last_id;
        GQueue starting;  /* Process that is not published, by its link */
        unsigned n_trees; /* that sys holds for us, those that are starting included */
        unsigned n_running;
        GHashTable *bound; /* origin → GPtrArray of Process, for BindToCaller */
        bool ending;

        GHashTable *groups; /* &Group.id → Group */
        GPtrArray *group_order;
        uint64_t last_group_id;
};

/* A start that is not settled yet. */
typedef struct Start {
        Spec *spec;
        StartFunc func;
        void *userdata;
        bool looks_up; /* its owner's account is being looked up; there is no tree yet */
} Start;

/* judge.c */
void judge_deadline(Deadline *deadline, const Now *now);
/* Sets when a process is looked at next. */
void judge_schedule(Supervisor *supervisor, Process *process, const Now *now);
void judge_schedule_all(Supervisor *supervisor, const Now *now);
void judge_begin_stop(Supervisor *supervisor, Process *process, StopMode mode, Result cause,
                      const Now *now);
/* The process says itself that it is in trouble. */
void judge_trouble(Supervisor *supervisor, Process *process, const Now *now);
/* Idle time that passed until now does not count, for any process. */
void judge_excuse_all(Supervisor *supervisor, usec_t gap, const Now *now);

/* A new dossier of what is there now; NULL if nothing is left. */
Dossier *judge_inspect(Supervisor *supervisor, Process *process, DossierReason reason,
                       const Now *now);

/* lifecycle.c */
extern const HandsEvents lifecycle_hands_events;
/* What supervisor_start() does, when nobody asks for it. */
int lifecycle_start(Supervisor *supervisor, Spec *spec, ProcessConfig *config, const Caller *caller,
                    StartFunc func, void *userdata, const Now *now, const char **ret_limit);
const QuotaLimits *lifecycle_limits(const Supervisor *supervisor, uid_t uid);
void lifecycle_forget(Supervisor *supervisor, Process *process);
void lifecycle_age(Deadline *deadline, const Now *now);
/* The tree could not be ended within the bound. */
void lifecycle_give_up(Supervisor *supervisor, Process *process);
/* Every start that is not answered fails now. */
void lifecycle_cancel_starts(Supervisor *supervisor);
/* The same without a word to anybody. */
void lifecycle_drop_starts(Supervisor *supervisor);
/* One that was not executed in time: it is answered, and stays, because it counts until it is dead. */
void lifecycle_expire_start(Process *process);
/* Answers a start that waits for readiness; failure NULL: it is ready. */
void lifecycle_answer_start(Supervisor *supervisor, Process *process, const StartFailure *failure);
void lifecycle_drop_outputs(Supervisor *supervisor, Process *process);
void lifecycle_drop_tree(Supervisor *supervisor, Process *process);

/* supervisor.c: whom a stop of everything concerns, with references. */
GPtrArray *supervisor_list_live(Supervisor *supervisor, uid_t owner);
/* After anything that can have moved a deadline */
void supervisor_arm(Supervisor *supervisor);
/* What the verbs report, set_policy and watch do, when nobody asks for it. */
void supervisor_saw_life(Supervisor *supervisor, Process *process, ActivitySource source,
                         const Now *now);
int supervisor_change_policy(Supervisor *supervisor, Process *process, const WatchdogPolicy *policy,
                             PolicyMask which, const Now *now);
int supervisor_change_watched(Supervisor *supervisor, Process *process, bool watched,
                              const Now *now);

/* group.c: what happened to the process of a member */
void group_process_started(Process *process, const Now *now);
void group_process_exited(Process *process, const Now *now);

/* groups.c */
void groups_init(Supervisor *supervisor);
void groups_done(Supervisor *supervisor);
/* Nobody waits in line any more; `why` is what those are told who wait for a start. UID_ANY: all. */
void groups_clear_queues(Supervisor *supervisor, uid_t owner, const char *why);
/* The connection is gone: what it had started, and waits in line, is bound to nobody. */
void groups_origin_gone(Supervisor *supervisor, uint64_t origin);

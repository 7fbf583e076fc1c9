/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_TYPES_H
#define PROCTOR_TYPES_H

/* Types that more than one header of the library names. */

#include <gio/gio.h>
#include <proctor/proctor-enums.h>
#include <proctor/proctor-version.h>

G_BEGIN_DECLS

typedef struct _ProctorManager ProctorManager;
typedef struct _ProctorProcess ProctorProcess;
typedef struct _ProctorGroup ProctorGroup;
typedef struct _ProctorGroupConfig ProctorGroupConfig;
typedef struct _ProctorProcessList ProctorProcessList;
typedef struct _ProctorProcessConfig ProctorProcessConfig;
typedef struct _ProctorWatchdogConfig ProctorWatchdogConfig;
typedef struct _ProctorUsage ProctorUsage;

/**
 * PROCTOR_INFINITY:
 *
 * A duration that never ends, or a limit that is none. As the timeout of a wait: wait for ever. As
 * the timeout of a process: it is not watched.
 *
 * Since: 0.1
 */
#define PROCTOR_INFINITY ((guint64)-1)

/**
 * ProctorActivityFunc:
 * @process: the process that is asked about
 * @user_data: what was given with the function
 *
 * Tells when a process was last active, for a program that can see it better than the service: by
 * output that it reads itself, by requests that were answered.
 *
 * It is called on the main context that was the thread-default one when the function was given;
 * that context has to be iterated. It is called about twice within a timeout of the process, no
 * more, and never again once the process has finished. When the time is newer than the last
 * one that was reported, the library reports to the service that the process is alive; since a
 * report says "now", a hang may be found up to half a timeout later than with reports of one's
 * own.
 *
 * A time in the future, one from before the process was started, and one that lies back further
 * than the process's timeout are ignored: the process is then as idle as the service thinks. A
 * function that blocks keeps its main context from running, and its process gets no more reports;
 * other processes whose functions share that context are not harmed: they count as alive as long
 * as the library cannot ask.
 *
 * Returns: the time of the last activity in microseconds of g_get_monotonic_time(), or a negative
 *   number if it is not known
 *
 * Since: 0.1
 */
typedef gint64 (*ProctorActivityFunc)(ProctorProcess *process, gpointer user_data);

G_END_DECLS

#endif

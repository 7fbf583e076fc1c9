/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_TRIPLE_H
#define LIBCLIENT_TRIPLE_H

/* The three functions of a call, x(), x_async() and x_finish(), from one description of it. */

#include "call.h"

/* @expression makes the Call, or is NULL and sets @failure. @Result is a name for a pointer, or
 * gboolean. What follows are the parameters between self and the cancellable. */
#define DEFINE_TRIPLE(Type, IS_TYPE, prefix, name, Result, expression, ...)                        \
        Result prefix##_##name(Type *self __VA_OPT__(, ) __VA_ARGS__, GCancellable *cancellable,   \
                               GError **error) {                                                   \
                g_return_val_if_fail(IS_TYPE(self), (Result)0);                                    \
                                                                                                   \
                GError *failure = NULL;                                                            \
                Call *call = expression;                                                           \
                if (!call) {                                                                       \
                        g_propagate_error(error, failure);                                         \
                        return (Result)0;                                                          \
                }                                                                                  \
                gpointer answer = call_run(call, cancellable, error);                              \
                return TRIPLE_RESULT(Result, answer);                                              \
        }                                                                                          \
                                                                                                   \
        void prefix##_##name##_async(Type *self __VA_OPT__(, ) __VA_ARGS__,                        \
                                     GCancellable *cancellable, GAsyncReadyCallback callback,      \
                                     gpointer user_data) {                                         \
                g_return_if_fail(IS_TYPE(self));                                                   \
                                                                                                   \
                GError *failure = NULL;                                                            \
                Call *call = expression;                                                           \
                if (call)                                                                          \
                        call_run_async(call, self, prefix##_##name##_async, cancellable, callback, \
                                       user_data);                                                 \
                else                                                                               \
                        g_task_report_error(self, callback, user_data, prefix##_##name##_async,    \
                                            failure);                                              \
        }                                                                                          \
                                                                                                   \
        Result prefix##_##name##_finish(Type *self, GAsyncResult *result, GError **error) {        \
                gpointer answer = call_finish(self, prefix##_##name##_async, result, error);       \
                return TRIPLE_RESULT(Result, answer);                                              \
        }

#define TRIPLE_RESULT(Result, answer)               TRIPLE_RESULT_##Result(answer)
#define TRIPLE_RESULT_gboolean(answer)              ((answer) != NULL)
#define TRIPLE_RESULT_ProcessPointer(answer)        (answer)
#define TRIPLE_RESULT_GroupPointer(answer)          (answer)
#define TRIPLE_RESULT_ArrayPointer(answer)          (answer)
#define TRIPLE_RESULT_VariantPointer(answer)        (answer)
#define TRIPLE_RESULT_UsagePointer(answer)          (answer)
#define TRIPLE_RESULT_WatchdogConfigPointer(answer) (answer)
#define TRIPLE_RESULT_TextPointer(answer)           (answer)

typedef ProctorProcess *ProcessPointer;
typedef ProctorGroup *GroupPointer;
typedef GPtrArray *ArrayPointer;
typedef GVariant *VariantPointer;
typedef ProctorUsage *UsagePointer;
typedef ProctorWatchdogConfig *WatchdogConfigPointer;
typedef char *TextPointer;

#define DEFINE_PROCESS_TRIPLE(name, Result, expression, ...)                                       \
        DEFINE_TRIPLE(ProctorProcess, PROCTOR_IS_PROCESS, proctor_process, name, Result,           \
                      expression __VA_OPT__(, ) __VA_ARGS__)

#define DEFINE_MANAGER_TRIPLE(name, Result, expression, ...)                                       \
        DEFINE_TRIPLE(ProctorManager, PROCTOR_IS_MANAGER, proctor_manager, name, Result,           \
                      expression __VA_OPT__(, ) __VA_ARGS__)

#endif

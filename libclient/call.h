/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_CALL_H
#define LIBCLIENT_CALL_H

/* A call of a method of the service, or a chain of calls, as one operation that a thread blocks on
 * or a task returns. What an answer means is decided by a handler in GDBus's worker thread. */

#include "link.h"
#include "outcome.h"

/* Turns the body of an answer into a result, or gives NULL and an error. It may send a further
 * message with call_chain() instead, and return CALL_GOES_ON. */
typedef gpointer (*CallHandler)(Call *call, GVariant *body, GError **error);

#define CALL_GOES_ON ((gpointer)-1)
#define CALL_OK      ((gpointer)1)

struct Call {
        Outcome outcome;
        Link *link;
        ProctorManager *manager;
        CallKind kind;
        GDBusMessage *message;
        const GVariantType *reply_type;
        CallHandler handler;
        /* Turns an error of the service into a result; may be NULL. Takes the error if it does. */
        gpointer (*on_error)(Call *call, GError **error);
        /* What to do with a result that came when nobody listened any more; may be NULL. */
        void (*unwanted)(Call *call, gpointer result);
        GError *failure; /* why it is not even sent, or NULL */
        /* It is given up, with the mutex held; may be NULL. */
        void (*withdrawn)(Call *call);
        GSource *timer; /* of who keeps it, between two messages */
        gpointer data;
        GDestroyNotify free_data;
        guint64 timeout_usec;
        guint32 serial;
        GList queue_link;
        gboolean is_queued;
        const char *sender; /* of the answer, during the handler */
        GUnixFDList *fds;   /* that came with it, or NULL; likewise */
};

/* A call to an object of the service. A NULL destination is whoever owns its name. The parameters
 * are taken if they float. */
Call *call_new(ProctorManager *manager, CallKind kind, const char *destination, const char *path,
               const char *interface, const char *method, GVariant *parameters,
               const GVariantType *reply_type, CallHandler handler);
/* The same for the library itself, which holds no manager. */
Call *call_new_for_link(Link *link, CallKind kind, const char *destination, const char *path,
                        const char *interface, const char *method, GVariant *parameters,
                        const GVariantType *reply_type, CallHandler handler);
/* The same to the object of a process; fails if its service has gone. */
Call *call_new_for_entry(ProctorManager *manager, CallKind kind, Entry *entry,
                         const char *interface, const char *method, GVariant *parameters,
                         const GVariantType *reply_type, CallHandler handler);
void call_set_data(Call *call, gpointer data, GDestroyNotify free_data);
void call_set_fd_list(Call *call, GUnixFDList *fds);

/* Each of these takes the call. */
gpointer call_run(Call *call, GCancellable *cancellable, GError **error);
void call_run_async(Call *call, gpointer source, gpointer tag, GCancellable *cancellable,
                    GAsyncReadyCallback callback, gpointer user_data);
void call_run_detached(Call *call);

/* The result of a call_run_async(), or of a task with the same tag that returned by itself. */
gpointer call_finish(gpointer source, gpointer tag, GAsyncResult *result, GError **error);

/* From a handler: the next message of the chain. */
gpointer call_chain(Call *call, const char *destination, const char *path, const char *interface,
                    const char *method, GVariant *parameters, const GVariantType *reply_type,
                    CallHandler handler, GError **error);

/* The same for a call that was kept between two messages: what fails settles it. In the worker
 * thread, without the mutex. */
void call_resume(Call *call, const char *destination, const char *path, const char *interface,
                 const char *method, GVariant *parameters, const GVariantType *reply_type,
                 CallHandler handler);

/* Settles it, whatever it waits for; takes result and error. With the mutex held. */
void call_settle_locked(Call *call, gpointer result, GError *error);

/* The answer is of no interest. */
gpointer call_ok(Call *call, GVariant *body, GError **error);

/* A message that is not answered. */
void call_send_only(Link *link, const char *destination, const char *path, const char *interface,
                    const char *method, GVariant *parameters);

/* For the link, without the mutex. Fails everything that is pending. */
void call_fail_all(Link *link);

/* For the link's filter, without the mutex. Whether the message answers one of our calls. */
gboolean call_take_reply(Link *link, GDBusMessage *message);

#endif

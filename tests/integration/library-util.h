/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the tests of the library share: managers, small programs, waiting for an event with a
 * deadline, and a bus of one's own with the limits of a system bus. */

#include "util/check.h"

#include <proctor/proctor.h>

#define SECOND ((guint64)G_USEC_PER_SEC)

/* Longer than anything here may take; passing it is a failure. */
#define DEADLINE (30 * SECOND)

/* An embedded manager, or the end of the test. */
ProctorManager *library_embedded(void);

/* Starts /bin/sh -c SCRIPT, or ends the test. */
ProctorProcess *library_start_sh(ProctorManager *manager, const char *script);

void library_check_end(ProctorProcess *process, int exit_code, ProctorResult result);
void library_check_error(const GError *error, GQuark domain, int code);

/* A GAsyncReadyCallback that notes its result in a GAsyncResult *, and its other half, which runs
 * the default main context until it is there. */
void library_on_ready(GObject *source, GAsyncResult *result, gpointer data);
GAsyncResult *library_await(GAsyncResult **result);

/* Runs the default main context until a condition holds; ends the test if it never does. */
typedef gboolean (*LibraryCondition)(gpointer data);
void library_until(LibraryCondition condition, gpointer data);

/* A descriptor of a process, and waiting until it has ended. */
int library_pidfd(guint pid);
gboolean library_gone(int pidfd, guint timeout_ms);

/* A bus of one's own, and a service on it. */
typedef struct LibraryBus {
        char *address;
        GSubprocess *daemon;
        GSubprocess *service;
        char *directory;
} LibraryBus;

LibraryBus *library_bus_new(void);
void library_bus_start_service(LibraryBus *bus);
void library_bus_kill_service(LibraryBus *bus);
void library_bus_free(LibraryBus *bus);
ProctorManager *library_bus_manager(LibraryBus *bus);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LibraryBus, library_bus_free)

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files with the interfaces give to the others of this folder. */

#include <systemd/sd-bus.h>

#include "bus/face.h"
#include "bus/held.h"
#include "bus/options.h"

extern const sd_bus_vtable manager_vtable[];
extern const sd_bus_vtable watchdog_vtable[];
extern const sd_bus_vtable process_vtable[]; /* userdata: Process */
extern const sd_bus_vtable group_vtable[];   /* userdata: Group */

/* Parts of the Manager that have a file of their own. */
int method_create_group(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_get_group(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_list_groups(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* The shared parts of handlers. */
Face *face_of_process(const Process *process);
GPtrArray *process_array(Process *process); /* new, of one, with a reference */

/* Reads the command and options of a start, and asks whether the caller may start it; 0, or what the
 * handler returns. config is initialised here, and is done when this fails. */
int read_start(sd_bus_message *m, Face *face, Options *options, const Grant **ret_grant,
               sd_bus_error *error);

/* a{s(is)} of the members that have finished. */
int append_finished_members(sd_bus_message *m, const Group *group);

int reply_exit(Held *held, WaitOutcome outcome); /* (is) of one process, or an error */

/* "timeout", "interrupt", "force", a name or a number. 0, or an error that is set. */
int parse_signal_word(const char *word, int *ret_signo, TreeScope *ret_scope, sd_bus_error *error);

/* Error StillAlive that names who is left of the processes. */
int fail_survivors(sd_bus_message *m, Face *face, GPtrArray *processes);

/* The duration is in range for a timeout: from 1 ms, or never. */
int check_timeout(const char *key, usec_t value, usec_t least, sd_bus_error *error);

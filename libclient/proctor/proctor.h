/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PROCTOR_H
#define PROCTOR_H

/* The whole of libproctor: start, watch, end and report processes, through the service
 * org.proctor1 on a bus or through a private one that the library starts for itself. Include this
 * header; the others are parts of it, and each of them compiles alone. */

#include <proctor/proctor-enums.h>
#include <proctor/proctor-error.h>
#include <proctor/proctor-group-calls.h>
#include <proctor/proctor-group-config.h>
#include <proctor/proctor-group.h>
#include <proctor/proctor-manager-bulk.h>
#include <proctor/proctor-manager-calls.h>
#include <proctor/proctor-manager-groups.h>
#include <proctor/proctor-manager-watchdog.h>
#include <proctor/proctor-manager.h>
#include <proctor/proctor-process-calls.h>
#include <proctor/proctor-process-config-end.h>
#include <proctor/proctor-process-config.h>
#include <proctor/proctor-process-end.h>
#include <proctor/proctor-process-list.h>
#include <proctor/proctor-process-output.h>
#include <proctor/proctor-process-settings.h>
#include <proctor/proctor-process-terminal.h>
#include <proctor/proctor-process.h>
#include <proctor/proctor-types.h>
#include <proctor/proctor-usage.h>
#include <proctor/proctor-version.h>
#include <proctor/proctor-watchdog-config.h>

#endif

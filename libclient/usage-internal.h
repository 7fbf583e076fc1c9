/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef LIBCLIENT_USAGE_INTERNAL_H
#define LIBCLIENT_USAGE_INTERNAL_H

/* How a ProctorUsage comes about. */

#include <proctor/proctor-usage.h>

/* From all properties of a process, a{sv}; what is missing is 0. */
ProctorUsage *usage_new(GVariant *properties);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From facts to errors on the bus. Only the contract's own names and org.freedesktop.DBus.Error.*
 * leave the service; handlers return what these return. */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/hands.h"

/* An error of the contract or of D-Bus with a message. */
int bus_fail(sd_bus_error *error, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

int bus_fail_invalid(sd_bus_error *error, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* A negative errno; `what` says what was tried. */
int bus_fail_errno(sd_bus_error *error, int errnum, const char *what);

/* A positive CoreError or negative errno about a process. */
int bus_fail_core(sd_bus_error *error, int r, uint64_t id);

int bus_fail_limit(sd_bus_error *error, const char *limit);

/* "exec '/no/such': No such file or directory" */
int bus_fail_start(sd_bus_error *error, const StartFailure *failure);

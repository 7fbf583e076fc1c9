/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Error names and sentences for people, see the header. */

#include "bus/bus-error.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "core/error.h"
#include "core/failure.h"
#include "dbus/proctor-names.h"

/* What a caller sent is quoted to him, and may be megabytes. */
#define TEXT_MAX 4096

G_GNUC_PRINTF(3, 0)
static int fail(sd_bus_error *error, const char *name, const char *format, va_list args) {
        g_autofree char *text = g_strdup_vprintf(format, args);
        const char *end;

        if (strnlen(text, TEXT_MAX + 1) <= TEXT_MAX)
                return sd_bus_error_set(error, name, text);
        end = g_utf8_find_prev_char(text, text + TEXT_MAX);
        return sd_bus_error_setf(error, name, "%.*s…", (int)(end - text), text);
}

int bus_fail(sd_bus_error *error, const char *name, const char *format, ...) {
        va_list args;
        int r;

        va_start(args, format);
        r = fail(error, name, format, args);
        va_end(args);
        return r;
}

int bus_fail_invalid(sd_bus_error *error, const char *format, ...) {
        va_list args;
        int r;

        va_start(args, format);
        r = fail(error, SD_BUS_ERROR_INVALID_ARGS, format, args);
        va_end(args);
        return r;
}

static const char *name_of_errno(int errnum) {
        switch (errnum) {
        case EPERM:
        case EACCES:
                return SD_BUS_ERROR_ACCESS_DENIED;
        case EINVAL:
        case ENXIO:
        case EBADMSG:
        case ERANGE:
                return SD_BUS_ERROR_INVALID_ARGS;
        case EMFILE:
        case ENFILE:
        case EAGAIN:
        case ENOSPC:
                return SD_BUS_ERROR_LIMITS_EXCEEDED;
        case ENOMEM:
                return SD_BUS_ERROR_NO_MEMORY;
        case EOPNOTSUPP:
        case ENOSYS:
                return SD_BUS_ERROR_NOT_SUPPORTED;
        case ESRCH:
                return PROCTOR_ERROR_NAME_NO_SUCH_PROCESS;
        default:
                return SD_BUS_ERROR_FAILED;
        }
}

int bus_fail_errno(sd_bus_error *error, int errnum, const char *what) {
        errnum = ABS(errnum);
        return bus_fail(error, name_of_errno(errnum), "%s: %s", what, g_strerror(errnum));
}

int bus_fail_core(sd_bus_error *error, int r, uint64_t id) {
        switch (r) {
        case CORE_E_NOT_RUNNING:
                return bus_fail(error, PROCTOR_ERROR_NAME_NOT_RUNNING,
                                "Process %" PRIu64 " has finished", id);
        case CORE_E_STILL_ALIVE:
                return bus_fail(error, PROCTOR_ERROR_NAME_STILL_ALIVE,
                                "Process %" PRIu64 " has not finished: stop it, or wait for it",
                                id);
        case CORE_E_NOT_CAPTURED:
                return bus_fail(error, SD_BUS_ERROR_NOT_SUPPORTED,
                                "That stream of process %" PRIu64 " is not captured", id);
        case CORE_E_NO_TERMINAL:
                return bus_fail(error, SD_BUS_ERROR_NOT_SUPPORTED,
                                "Process %" PRIu64 " has no terminal of the service", id);
        case CORE_E_SHUTTING_DOWN:
                return bus_fail(error, PROCTOR_ERROR_NAME_SHUTTING_DOWN, "The service is ending");
        default:
                return bus_fail_errno(error, r, "Cannot do that to the process");
        }
}

int bus_fail_limit(sd_bus_error *error, const char *limit) {
        return bus_fail(error, SD_BUS_ERROR_LIMITS_EXCEEDED, "Limit reached: %s", limit);
}

int bus_fail_start(sd_bus_error *error, const StartFailure *failure) {
        g_autofree char *text = start_failure_text(failure);

        return bus_fail(error,
                        failure->error == ECANCELED ? PROCTOR_ERROR_NAME_SHUTTING_DOWN
                                                    : PROCTOR_ERROR_NAME_SPAWN_FAILED,
                        "%s", text);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Adoption, see the header. */

#include "bus/adopt.h"

#include <errno.h>
#include <inttypes.h>

#include "bus/access.h"
#include "bus/bus-error.h"
#include "bus/options.h"
#include "core/supervisor.h"
#include "dbus/proctor-names.h"

static int fail(sd_bus_error *error, int r, uint32_t pid, const char *limit) {
        switch (r) {
        case CORE_E_LIMIT:
                return bus_fail_limit(error, limit);
        case CORE_E_SHUTTING_DOWN:
                return bus_fail_core(error, r, 0);
        case -ESRCH:
                return bus_fail(error, PROCTOR_ERROR_NAME_NO_SUCH_PROCESS,
                                "No process with PID %" PRIu32 ", or it has ended", pid);
        case -EPERM:
        case -EACCES:
                return bus_fail(error, SD_BUS_ERROR_ACCESS_DENIED,
                                "PID %" PRIu32 " may not be adopted: it must be a process of the "
                                "caller's own user, and not the service or init",
                                pid);
        case -EINVAL:
                return bus_fail_invalid(error, "Option PIDFD: expected a pidfd of process %" PRIu32,
                                        pid);
        default:
                return bus_fail_errno(error, r, "Cannot adopt the process");
        }
}

int adopt_handler(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Face *face = userdata;
        Options options = {.pidfd = -EBADF};
        g_autofree char *path = NULL;
        const char *limit = NULL;
        Now now = now_read();
        Process *process;
        uint32_t pid;
        const Grant *grant;
        int r;

        r = sd_bus_message_read(m, "u", &pid);
        if (r < 0)
                return bus_fail_errno(error, r, "Cannot read the arguments");
        process_config_init(&options.config);
        r = options_read(m, OPTION_ADOPT, &options, error);
        if (r >= 0)
                r = access_authorize(face, m, ACCESS_START, NULL, &grant, error);
        if (r != 0) {
                process_config_done(&options.config);
                return r;
        }
        if (face->kind == FACE_SYSTEM && options.pidfd < 0) {
                process_config_done(&options.config);
                return bus_fail_invalid(error, "Option PIDFD: required on the system bus");
        }
        if (pid == 0 || pid > INT32_MAX) {
                process_config_done(&options.config);
                return fail(error, -ESRCH, pid, NULL);
        }
        r = supervisor_adopt(face->supervisor, grant, (pid_t)pid, options.pidfd, &options.config,
                             grant_caller(grant), &now, &process, &limit);
        if (r != 0)
                return fail(error, r, pid, limit);
        path = face_process_path(process);
        return sd_bus_reply_method_return(m, "o", path);
}

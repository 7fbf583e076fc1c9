/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Birth and end of a spec: what every process starts with, and whose the parts are. */

#include "core/spec.h"

#include "base/cleanup.h"

Spec *spec_new(void) {
        Spec *spec = g_new0(Spec, 1);

        for (unsigned i = 0; i < G_N_ELEMENTS(spec->stdio); i++)
                spec->stdio[i].fd = -EBADF;
        spec->stdio[1].kind = spec->stdio[2].kind = STDIO_CAPTURE;
        spec->output_limit = OUTPUT_LIMIT_DEFAULT;
        spec->umask = 0022;
        return spec;
}

Spec *spec_free(Spec *spec) {
        if (!spec)
                return NULL;
        account_unref(spec->account);
        g_strfreev(spec->argv);
        g_free(spec->working_directory);
        g_strfreev(spec->set_environment);
        g_strfreev(spec->unset_environment);
        for (unsigned i = 0; i < G_N_ELEMENTS(spec->stdio); i++)
                safe_close(spec->stdio[i].fd);
        for (unsigned i = 0; spec->extra_fds && i < spec->extra_fds->len; i++)
                safe_close(g_array_index(spec->extra_fds, ExtraFd, i).fd);
        if (spec->extra_fds)
                g_array_unref(spec->extra_fds);
        if (spec->limits)
                g_array_unref(spec->limits);
        g_free(spec);
        return NULL;
}

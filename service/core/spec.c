/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Birth and end of a spec: what every process starts with, and whose the parts are. */

#include "core/spec.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

const char *controller_to_string(Controller controller) {
        static const char *const words[_CONTROLLER_MAX] = {
                [CONTROLLER_MEMORY] = "memory",
                [CONTROLLER_PIDS] = "pids",
                [CONTROLLER_CPU] = "cpu",
        };

        return words[controller];
}

Spec *spec_new(void) {
        Spec *spec = g_new0(Spec, 1);

        for (unsigned i = 0; i < G_N_ELEMENTS(spec->stdio); i++)
                spec->stdio[i].fd = -EBADF;
        spec->stdio[1].kind = spec->stdio[2].kind = STDIO_CAPTURE;
        spec->output_limit = OUTPUT_LIMIT_DEFAULT;
        spec->umask = 0022;
        return spec;
}

static GArray *array_copy(GArray *array) {
        return array ? g_array_copy(array) : NULL;
}

static int duplicate(int *fd) {
        if (*fd < 0)
                return 0;
        *fd = copy_fd(*fd);
        return MIN(*fd, 0);
}

/* All of them, whatever comes between: none of the original's may stay in the copy. */
static int duplicate_all(Spec *copy) {
        int r = 0, each;

        for (unsigned i = 0; i < G_N_ELEMENTS(copy->stdio); i++) {
                each = duplicate(&copy->stdio[i].fd);
                r = r < 0 ? r : each;
        }
        for (unsigned i = 0; copy->extra_fds && i < copy->extra_fds->len; i++) {
                each = duplicate(&g_array_index(copy->extra_fds, ExtraFd, i).fd);
                r = r < 0 ? r : each;
        }
        return r;
}

int spec_copy(const Spec *spec, Spec **ret) {
        g_autoptr(Spec) copy = g_memdup2(spec, sizeof *spec);
        int r;

        copy->account = spec->account ? account_ref(spec->account) : NULL;
        copy->argv = g_strdupv(spec->argv);
        copy->working_directory = g_strdup(spec->working_directory);
        copy->set_environment = g_strdupv(spec->set_environment);
        copy->unset_environment = g_strdupv(spec->unset_environment);
        copy->extra_fds = array_copy(spec->extra_fds);
        copy->limits = array_copy(spec->limits);
        r = duplicate_all(copy);
        if (r < 0)
                return r;
        *ret = g_steal_pointer(&copy);
        return 0;
}

static size_t strv_bytes(char *const *strv) {
        size_t bytes = 0;

        for (; strv && *strv; strv++)
                bytes += sizeof *strv + strlen(*strv) + 1;
        return bytes;
}

size_t spec_bytes(const Spec *spec) {
        size_t bytes = sizeof *spec;

        bytes += strv_bytes(spec->argv);
        bytes += strv_bytes(spec->set_environment) + strv_bytes(spec->unset_environment);
        bytes += spec->working_directory ? strlen(spec->working_directory) + 1 : 0;
        bytes += spec->extra_fds ? spec->extra_fds->len * sizeof(ExtraFd) : 0;
        bytes += spec->limits ? spec->limits->len * sizeof(ResourceLimit) : 0;
        return bytes;
}

unsigned spec_descriptors(const Spec *spec) {
        unsigned n = spec->extra_fds ? spec->extra_fds->len : 0;

        for (unsigned i = 0; i < G_N_ELEMENTS(spec->stdio); i++)
                n += spec->stdio[i].fd >= 0;
        return n;
}

/* Passwords are passed so. */
static void erase_strv(char **strv) {
        for (char **s = strv; s && *s; s++)
                text_erase(*s);
        g_free(strv);
}

Spec *spec_free(Spec *spec) {
        if (!spec)
                return NULL;
        account_unref(spec->account);
        g_strfreev(spec->argv);
        g_free(spec->working_directory);
        erase_strv(spec->set_environment);
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

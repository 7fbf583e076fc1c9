/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sentences about failed starts, see the header. */

#include "core/failure.h"

#include <errno.h>

#include "core/error.h"

char *start_failure_text(const StartFailure *failure) {
        if (failure->error == ECANCELED) /* no step fails with it: core gave the start up */
                return g_strdup("The service is ending");
        if (failure->text && failure->object)
                return g_strdup_printf("%s '%s': %s", failure->step, failure->object,
                                       failure->text);
        if (failure->text)
                return g_strdup_printf("%s: %s", failure->step, failure->text);
        if (!failure->object)
                return g_strdup_printf("%s: %s", failure->step, g_strerror(failure->error));
        return g_strdup_printf("%s '%s': %s", failure->step, failure->object,
                               g_strerror(failure->error));
}

char *start_refusal_text(int r, const char *limit) {
        switch (r) {
        case CORE_E_LIMIT:
                return g_strdup_printf("Limit reached: %s", limit);
        case CORE_E_SHUTTING_DOWN:
                return g_strdup("The service is ending");
        default:
                return g_strdup_printf("Cannot start a process: %s", g_strerror(ABS(r)));
        }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lists of strings, see the header. sd_bus_message_read_strv() counts all strings again for each that
 * it adds: with 100,000 of them that took two seconds. */

#include "bus/strings.h"

#include <glib.h>
#include <string.h>

#include "bus/bus-error.h"
#include "core/quota.h"

int string_budget_take(StringBudget *budget, const char *text, sd_bus_error *error) {
        budget->used += strlen(text) + 1;
        if (budget->max == 0 || budget->used <= budget->max)
                return 0;
        return bus_fail_limit(error, QUOTA_ARGUMENT_BYTES_NAME);
}

int strings_read(sd_bus_message *m, StringBudget *budget, char ***ret, sd_bus_error *error) {
        g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);
        const char *text;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "s");
        while (r >= 0 && (r = sd_bus_message_read(m, "s", &text)) > 0) {
                r = string_budget_take(budget, text, error);
                if (r < 0)
                        return r;
                g_ptr_array_add(strings, g_strdup(text));
        }
        if (r < 0 || (r = sd_bus_message_exit_container(m)) < 0)
                return r;
        g_ptr_array_add(strings, NULL);
        *ret = (char **)g_ptr_array_free(g_steal_pointer(&strings), FALSE);
        return 0;
}

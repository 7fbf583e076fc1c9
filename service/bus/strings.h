/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Lists of strings in a message, of which there may be millions: read in one pass, and no further than
 * their reader may have them. */

#include <stddef.h>
#include <systemd/sd-bus.h>

typedef struct StringBudget {
        size_t max; /* bytes, their final zeros included; 0: no limit */
        size_t used;
} StringBudget;

/* 0, or an error that is set: it is more than is left. */
int string_budget_take(StringBudget *budget, const char *text, sd_bus_error *error);

/* Reads an `as`. *ret is a new strv, which may be empty. A negative errno without an error that is set:
 * the message is broken. */
int strings_read(sd_bus_message *m, StringBudget *budget, char ***ret, sd_bus_error *error);

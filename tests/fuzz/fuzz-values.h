/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Arguments that no sensible caller would send: of a given signature, and with words, numbers and
 * paths that the service may know in wrong places and at their limits. Programs to start are such
 * that do no harm. */

#include <glib.h>

typedef struct Values {
        GRand *rand;
        guint64 process; /* of the last one that was started, about */
        guint64 group;   /* one that there is */
} Values;

/* Less than n. */
unsigned values_pick(Values *values, unsigned n);
char *values_path(Values *values);
/* Floating, as the next. The signature is a tuple's. */
GVariant *values_arguments(Values *values, const char *method, const char *signature);
GVariant *values_of_type(Values *values, const char *type);

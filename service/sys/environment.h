/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Environments of children: the base that all start from, and what one child gets. */

#include <glib.h>
#include <stdbool.h>

#include "core/account.h"

/* Where a program without a PATH of its own is looked for. */
#define ENVIRONMENT_DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

/* A copy of source without the variables that are the service's own affair (NOTIFY_SOCKET and the
 * like): a child that finds one would speak in the service's name. */
GStrv environment_wash(const char *const *source);

/* The base of a process that becomes that user: HOME, USER, LOGNAME, SHELL and PATH, a new strv. */
GStrv environment_of_account(const Account *account);

/* base minus unset, then set on top, where the last of a name wins. base is not used if clear. The
 * result is one new array whose strings are borrowed from the arguments: free it with g_free(). */
char **environment_compose(char *const *base, bool clear, char *const *unset, char *const *set);

/* The value of name, or NULL. */
const char *environment_find(char *const *environment, const char *name);

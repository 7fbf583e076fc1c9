/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A user of the machine, as far as a process that becomes him must know him. Whoever looked him up
 * made it; nobody changes it afterwards. */

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct Account {
        unsigned n_ref;
        uid_t uid;
        gid_t gid;
        size_t n_groups;
        gid_t *groups; /* all of his, gid among them */
        char *name;
        char *home;
        char *shell;
} Account;

/* Takes over the strings and groups, in any case. NULL if they describe nobody: an invalid uid or
 * gid, an empty name. A home or shell that is not an absolute path is replaced. */
Account *account_new(uid_t uid, gid_t gid, gid_t *groups, size_t n_groups, char *name, char *home,
                     char *shell);
Account *account_ref(Account *account);
Account *account_unref(Account *account);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Account, account_unref)

/* The uid that a text of digits names. -EINVAL: it is no number, or one that is nobody's. */
int account_parse_uid(const char *text, uid_t *ret);

/* Whether the text can be a user's name or number: 1 to 256 bytes, no control characters, none of
 * ':', '/' and ' ', and not a '-' at its head. */
bool account_name_is_valid(const char *text);

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Users as plain data, see the header. */

#include "core/account.h"

#include <errno.h>
#include <string.h>

#include "base/parse.h"

#define NAME_MAX_BYTES 256

static char *absolute_or(char *path, const char *otherwise) {
        if (path && *path == '/')
                return path;
        g_free(path);
        return g_strdup(otherwise);
}

Account *account_new(uid_t uid, gid_t gid, gid_t *groups, size_t n_groups, char *name, char *home,
                     char *shell) {
        Account *account = g_new0(Account, 1);

        *account = (Account){
                .n_ref = 1,
                .uid = uid,
                .gid = gid,
                .n_groups = n_groups,
                .groups = groups,
                .name = name,
                .home = absolute_or(home, "/"),
                .shell = absolute_or(shell, "/bin/sh"),
        };
        if (uid == (uid_t)-1 || gid == (gid_t)-1 || !name || !*name)
                return account_unref(account);
        return account;
}

Account *account_ref(Account *account) {
        account->n_ref++;
        return account;
}

Account *account_unref(Account *account) {
        if (!account || --account->n_ref > 0)
                return NULL;
        g_free(account->groups);
        g_free(account->name);
        g_free(account->home);
        g_free(account->shell);
        g_free(account);
        return NULL;
}

int account_parse_uid(const char *text, uid_t *ret) {
        uint64_t value;

        if (parse_uint64(text, UINT32_MAX - 1, &value) < 0)
                return -EINVAL;
        *ret = (uid_t)value;
        return 0;
}

bool account_name_is_valid(const char *text) {
        size_t length = strlen(text);

        if (length == 0 || length > NAME_MAX_BYTES || *text == '-')
                return false;
        for (; *text; text++)
                if (g_ascii_iscntrl(*text) || strchr(":/ ", *text))
                        return false;
        return true;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The process that asks the system's user database, and may take as long as it likes. Prints name,
 * home, shell, uid, gid and all groups, each ended by a zero byte. Its exit status is 0, or an
 * errno: ENOENT for nobody of that name. */

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "sys/accounts.h"

#define BUFFER_MAX (1024 * 1024)
#define GROUPS_MAX 65536

static int find(const char *user, char *buffer, size_t size, struct passwd *entry,
                struct passwd **ret) {
        uid_t uid;

        if (!account_name_is_valid(user))
                return EINVAL;
        /* What looks like a number is one, and never a name: it has one meaning only. */
        if (strspn(user, "0123456789") != strlen(user))
                return getpwnam_r(user, entry, buffer, size, ret);
        if (account_parse_uid(user, &uid) < 0)
                return EINVAL;
        return getpwuid_r(uid, entry, buffer, size, ret);
}

static int print_groups(const struct passwd *entry) {
        gid_t *groups = g_new(gid_t, GROUPS_MAX);
        int n = GROUPS_MAX;

        if (getgrouplist(entry->pw_name, entry->pw_gid, groups, &n) < 0) {
                g_free(groups);
                return E2BIG;
        }
        for (int i = 0; i < n; i++)
                printf("%u%c", (unsigned)groups[i], 0);
        g_free(groups);
        return 0;
}

int account_helper(const char *user) {
        char *buffer = g_malloc(BUFFER_MAX);
        struct passwd entry, *found = NULL;
        int r;

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        r = find(user, buffer, BUFFER_MAX, &entry, &found);
        if (r == 0 && !found)
                r = ENOENT;
        if (r == 0) {
                printf("%s%c%s%c%s%c%u%c%u%c", found->pw_name, 0, found->pw_dir, 0, found->pw_shell,
                       0, (unsigned)found->pw_uid, 0, (unsigned)found->pw_gid, 0);
                r = print_groups(found);
        }
        if (r == 0 && fflush(stdout) != 0)
                r = EIO;
        g_free(buffer);
        return r == ESRCH ? ENOENT : r;
}

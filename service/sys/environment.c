/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Composes the environment of a child from the base, and keeps the service's own variables out. */

#include "sys/environment.h"

#include <stdlib.h>
#include <string.h>

#define PATH_OF_ROOT  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define PATH_OF_USERS "/usr/local/bin:/usr/bin:/bin"

/* What a service manager, a bus or an activator told the service, and nobody else. A name that ends
 * in an underscore stands for all that begin so. */
static const char *const own_names[] = {
        "CACHE_DIRECTORY",
        "CONFIGURATION_DIRECTORY",
        "CREDENTIALS_DIRECTORY",
        "DBUS_STARTER_",
        "EXIT_CODE",
        "EXIT_STATUS",
        "FDSTORE",
        "INVOCATION_ID",
        "JOURNAL_STREAM",
        "LISTEN_FDNAMES",
        "LISTEN_FDS",
        "LISTEN_PID",
        "LISTEN_PIDFDID",
        "LOGS_DIRECTORY",
        "LOG_NAMESPACE",
        "MAINPID",
        "MAINPIDFDID",
        "MANAGERPID",
        "MANAGERPIDFDID",
        "MEMORY_PRESSURE_",
        "MONITOR_",
        "NOTIFY_SOCKET",
        "PIDFILE",
        "REMOTE_ADDR",
        "REMOTE_PORT",
        "RUNTIME_DIRECTORY",
        "SERVICE_RESULT",
        "STATE_DIRECTORY",
        "SYSTEMD_EXEC_PID",
        "TRIGGER_",
        "WATCHDOG_PID",
        "WATCHDOG_USEC",
};

static size_t name_length(const char *assignment) {
        return strcspn(assignment, "=");
}

static bool is_own(const char *assignment) {
        size_t length = name_length(assignment);

        for (size_t i = 0; i < G_N_ELEMENTS(own_names); i++) {
                size_t n = strlen(own_names[i]);

                if (own_names[i][n - 1] == '_' ? length > n : length == n)
                        if (strncmp(assignment, own_names[i], n) == 0)
                                return true;
        }
        return false;
}

GStrv environment_wash(const char *const *source) {
        g_autoptr(GPtrArray) kept = g_ptr_array_new();

        for (; source && *source; source++)
                if (!is_own(*source))
                        g_ptr_array_add(kept, g_strdup(*source));
        g_ptr_array_add(kept, NULL);
        return (GStrv)g_ptr_array_steal(kept, NULL);
}

GStrv environment_of_account(const Account *account) {
        const char *path = account->uid == 0 ? PATH_OF_ROOT : PATH_OF_USERS;
        GStrv strv = g_new0(char *, 6);

        strv[0] = g_strconcat("HOME=", account->home, NULL);
        strv[1] = g_strconcat("USER=", account->name, NULL);
        strv[2] = g_strconcat("LOGNAME=", account->name, NULL);
        strv[3] = g_strconcat("SHELL=", account->shell, NULL);
        strv[4] = g_strconcat("PATH=", path, NULL);
        return strv;
}

static bool same_name(const char *assignment, const char *name, size_t length) {
        return strncmp(assignment, name, length) == 0 && assignment[length] == '=';
}

typedef struct Assignment {
        char *text;
        size_t place; /* where it was found first */
} Assignment;

static int compare_names(const void *a, const void *b) {
        const Assignment *x = a, *y = b;
        size_t m = name_length(x->text), n = name_length(y->text);
        int r = memcmp(x->text, y->text, MIN(m, n));

        if (r != 0)
                return r;
        if (m != n)
                return m < n ? -1 : 1;
        return (x->place > y->place) - (x->place < y->place);
}

static bool equal_names(const Assignment *a, const Assignment *b) {
        size_t length = name_length(a->text);

        return same_name(b->text, a->text, length);
}

/* Of those with one name keeps the last, in the place of the first; how many are left of n. There may
 * be thousands, chosen by somebody hostile: sorting takes the same time for all of them. */
static size_t unite(char **environment, size_t n) {
        g_autofree Assignment *sorted = g_new(Assignment, n);
        size_t n_left = 0;

        for (size_t i = 0; i < n; i++)
                sorted[i] = (Assignment){environment[i], i};
        qsort(sorted, n, sizeof sorted[0], compare_names);
        for (size_t i = 0, first = 0; i < n; i++) {
                if (!equal_names(&sorted[first], &sorted[i]))
                        first = i;
                environment[sorted[i].place] = NULL;
                environment[sorted[first].place] = sorted[i].text;
        }
        for (size_t i = 0; i < n; i++)
                if (environment[i])
                        environment[n_left++] = environment[i];
        return n_left;
}

static bool is_unset(char *const *unset, const char *assignment) {
        size_t length = name_length(assignment);

        for (; unset && *unset; unset++)
                if (strlen(*unset) == length && strncmp(*unset, assignment, length) == 0)
                        return true;
        return false;
}

char **environment_compose(char *const *base, bool clear, char *const *unset, char *const *set) {
        size_t n_base = clear || !base ? 0 : g_strv_length((GStrv)base);
        size_t n_set = set ? g_strv_length((GStrv)set) : 0, n = 0;
        char **environment = g_new(char *, n_base + n_set + 1);

        for (size_t i = 0; i < n_base; i++)
                if (!is_unset(unset, base[i]))
                        environment[n++] = base[i];
        for (size_t i = 0; i < n_set; i++)
                environment[n++] = set[i];
        if (n_set > 0)
                n = unite(environment, n);
        environment[n] = NULL;
        return environment;
}

const char *environment_find(char *const *environment, const char *name) {
        size_t length = strlen(name);

        for (; environment && *environment; environment++)
                if (same_name(*environment, name, length))
                        return *environment + length + 1;
        return NULL;
}

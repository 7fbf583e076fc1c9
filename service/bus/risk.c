/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two lists of names, and a comparison with the service's own limits. */

#include "bus/risk.h"

#include <string.h>
#include <sys/resource.h>

/* A name that ends in an asterisk stands for all that begin so. */
static const char *const steering[] = {
        "LD_*",
        "GLIBC_TUNABLES",
        "GCONV_PATH",
        "GETCONF_DIR",
        "HOSTALIASES",
        "LOCALDOMAIN",
        "LOCPATH",
        "MALLOC_*",
        "NIS_PATH",
        "NLSPATH",
        "RESOLV_HOST_CONF",
        "RES_OPTIONS",
        "TZDIR",
        /* shells */
        "BASHOPTS",
        "BASH_ENV",
        "BASH_FUNC_*",
        "CDPATH",
        "ENV",
        "GLOBIGNORE",
        "IFS",
        "PROMPT_COMMAND",
        "PS4",
        "SHELLOPTS",
        "ZDOTDIR",
        /* interpreters */
        "CLASSPATH",
        "GEM_*",
        "GUILE_*",
        "JAVA_TOOL_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "LUA_*",
        "NODE_*",
        "PERL*",
        "PHPRC",
        "PHP_INI_SCAN_DIR",
        "PYTHON*",
        "RUBY*",
        "TCLLIBPATH",
        "TCL_LIBRARY",
        "_JAVA_OPTIONS",
        /* what libraries load as modules or run */
        "DBUS_*",
        "EDITOR",
        "GIO_*",
        "GST_*",
        "GTK_*",
        "KRB5_*",
        "LESSOPEN",
        "LESSCLOSE",
        "OPENSSL_*",
        "PAGER",
        "QT_*",
        "SSL_CERT_*",
        "TERMCAP",
        "TERMINFO*",
        "VISUAL",
        "XDG_*",
};

static const char *const identity[] = {
        "HOME", "LOGNAME", "PATH", "SHELL", "TMPDIR", "USER",
};

static bool matches(const char *pattern, const char *name, size_t length) {
        size_t n = strlen(pattern);

        if (pattern[n - 1] == '*')
                return length >= n - 1 && strncmp(pattern, name, n - 1) == 0;
        return length == n && strncmp(pattern, name, n) == 0;
}

/* Of the list that one of the assignments or names is of. */
static const char *find(char *const *assignments, const char *const *list, size_t n) {
        for (; assignments && *assignments; assignments++)
                for (size_t i = 0; i < n; i++)
                        if (matches(list[i], *assignments, strcspn(*assignments, "=")))
                                return *assignments;
        return NULL;
}

const char *risk_steering_variable(const Spec *spec) {
        return find(spec->set_environment, steering, G_N_ELEMENTS(steering));
}

const char *risk_identity_variable(const Spec *spec) {
        return find(spec->set_environment, identity, G_N_ELEMENTS(identity))
                       ?: find(spec->unset_environment, identity, G_N_ELEMENTS(identity));
}

static bool is_above_own(const ResourceLimit *wish) {
        struct rlimit own;

        if (getrlimit((__rlimit_resource_t)wish->resource, &own) < 0)
                return true;
        return own.rlim_max != RLIM_INFINITY && wish->hard > own.rlim_max;
}

bool risk_raises_limits(const Spec *spec) {
        if (spec->flags & SPEC_HAS_NICE && spec->nice < 0)
                return true;
        if (spec->flags & SPEC_HAS_OOM_SCORE_ADJUST && spec->oom_score_adjust < 0)
                return true;
        for (unsigned i = 0; spec->limits && i < spec->limits->len; i++)
                if (is_above_own(&g_array_index(spec->limits, ResourceLimit, i)))
                        return true;
        return false;
}

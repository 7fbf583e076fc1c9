/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of signal names; real-time signals are counted from SIGRTMIN, as kill(1) does. */

#include "base/signal-name.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>

#include "base/parse.h"

static const struct {
        int signo;
        const char *name;
} signals[] = {
        {SIGHUP, "SIGHUP"},       {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"},
        {SIGILL, "SIGILL"},       {SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"},
        {SIGBUS, "SIGBUS"},       {SIGFPE, "SIGFPE"},   {SIGKILL, "SIGKILL"},
        {SIGUSR1, "SIGUSR1"},     {SIGSEGV, "SIGSEGV"}, {SIGUSR2, "SIGUSR2"},
        {SIGPIPE, "SIGPIPE"},     {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"},
        {SIGCHLD, "SIGCHLD"},     {SIGCONT, "SIGCONT"}, {SIGSTOP, "SIGSTOP"},
        {SIGTSTP, "SIGTSTP"},     {SIGTTIN, "SIGTTIN"}, {SIGTTOU, "SIGTTOU"},
        {SIGURG, "SIGURG"},       {SIGXCPU, "SIGXCPU"}, {SIGXFSZ, "SIGXFSZ"},
        {SIGVTALRM, "SIGVTALRM"}, {SIGPROF, "SIGPROF"}, {SIGWINCH, "SIGWINCH"},
        {SIGIO, "SIGIO"},         {SIGPWR, "SIGPWR"},   {SIGSYS, "SIGSYS"},
#ifdef SIGSTKFLT
        {SIGSTKFLT, "SIGSTKFLT"},
#endif
};

static int realtime_from_string(const char *s) {
        uint64_t offset;

        if (g_ascii_strcasecmp(s, "RTMIN") == 0)
                return SIGRTMIN;
        if (g_ascii_strcasecmp(s, "RTMAX") == 0)
                return SIGRTMAX;
        if (g_ascii_strncasecmp(s, "RTMIN+", 6) == 0 &&
            parse_uint64(s + 6, (uint64_t)(SIGRTMAX - SIGRTMIN), &offset) == 0)
                return SIGRTMIN + (int)offset;
        if (g_ascii_strncasecmp(s, "RTMAX-", 6) == 0 &&
            parse_uint64(s + 6, (uint64_t)(SIGRTMAX - SIGRTMIN), &offset) == 0)
                return SIGRTMAX - (int)offset;
        return -EINVAL;
}

int signal_from_string(const char *s) {
        uint64_t number;

        if (parse_uint64(s, (uint64_t)SIGRTMAX, &number) == 0)
                return signal_to_string((int)number) ? (int)number : -EINVAL;
        if (g_ascii_strncasecmp(s, "SIG", 3) == 0)
                s += 3;
        for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++)
                if (g_ascii_strcasecmp(signals[i].name + 3, s) == 0)
                        return signals[i].signo;
        return realtime_from_string(s);
}

const char *signal_to_string(int signo) {
        g_autofree char *name = NULL;

        for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++)
                if (signals[i].signo == signo)
                        return signals[i].name;
        if (signo < SIGRTMIN || signo > SIGRTMAX)
                return NULL;
        name = g_strdup_printf("SIGRTMIN+%d", signo - SIGRTMIN);
        return g_intern_string(name);
}

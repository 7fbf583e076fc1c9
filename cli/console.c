/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Raw mode and the ways out of it. What it was before is kept in variables of the file, because exit
 * and the handlers of fatal signals, which have no other argument, have to find it. */

#include "console.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"

static struct termios before;
static volatile sig_atomic_t is_raw;

bool console_is_there(void) {
        return isatty(STDIN_FILENO) == 1;
}

bool console_get_size(guint *ret_rows, guint *ret_columns) {
        struct winsize size;

        if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
                return false;
        *ret_rows = size.ws_row;
        *ret_columns = size.ws_col;
        return true;
}

/* In the background, where a shell may have put us meanwhile, this would stop us with SIGTTOU. */
static void set_blocked(const struct termios *mode) {
        sigset_t set, saved;

        sigemptyset(&set);
        sigaddset(&set, SIGTTOU);
        pthread_sigmask(SIG_BLOCK, &set, &saved);
        tcsetattr(STDIN_FILENO, TCSADRAIN, mode);
        pthread_sigmask(SIG_SETMASK, &saved, NULL);
}

void console_restore(void) {
        if (!is_raw)
                return;
        is_raw = 0;
        set_blocked(&before);
}

static void on_fatal(int signo) {
        if (is_raw)
                tcsetattr(STDIN_FILENO, TCSANOW, &before);
        raise(signo); /* by default now */
}

/* Somebody else's handler, as that of a sanitizer, is left alone. */
static void guard_ways_out(void) {
        static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
        struct sigaction action = {.sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND};
        static bool done;

        if (done)
                return;
        done = true;
        atexit(console_restore);
        for (size_t i = 0; i < G_N_ELEMENTS(fatal); i++) {
                struct sigaction old;

                if (sigaction(fatal[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
                        sigaction(fatal[i], &action, NULL);
        }
}

bool console_set_raw(GError **error) {
        struct termios raw;
        int r;

        if (is_raw)
                return true;
        r = tcgetattr(STDIN_FILENO, &before);
        raw = before;
        cfmakeraw(&raw);
        guard_ways_out();
        is_raw = 1;
        while (r == 0 && (r = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)) < 0 && errno == EINTR)
                r = 0;
        if (r == 0)
                return true;
        is_raw = 0;
        g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED, "cannot set up the terminal: %s",
                    strerror(errno));
        return false;
}

bool console_is_raw(void) {
        return is_raw;
}

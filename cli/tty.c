/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The data goes between our terminal and the program's without the service: it is as fast as without
 * us, and who is slow is waited for by the kernel's rules. */

#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "console.h"
#include "relay.h"

struct Tty {
        int master;
        Relay *relay; /* once the program runs */
};

/* Gives the description three descriptors of the end that is the program's. */
static bool give_end(ProctorProcessConfig *config, int master) {
        int end = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), out, err;

        if (end < 0)
                return false;
        proctor_process_config_take_stdin_fd(config, end);
        out = fcntl(end, F_DUPFD_CLOEXEC, 3);
        err = fcntl(end, F_DUPFD_CLOEXEC, 3);
        if (out >= 0)
                proctor_process_config_take_stdout_fd(config, out);
        if (err >= 0)
                proctor_process_config_take_stderr_fd(config, err);
        return out >= 0 && err >= 0;
}

Tty *tty_new(ProctorProcessConfig *config, GError **error) {
        Tty *tty;

        if (!console_is_there()) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE,
                            "--tty shows the program's terminal on ours, and standard input is "
                            "none");
                return NULL;
        }
        tty = g_new0(Tty, 1);
        tty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
        if (tty->master < 0 || unlockpt(tty->master) < 0 || !give_end(config, tty->master)) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED, "cannot make a terminal: %s",
                            strerror(errno));
                tty_free(tty);
                return NULL;
        }
        proctor_process_config_set_terminal(config, TRUE);
        tty_follow_size(tty);
        return tty;
}

bool tty_enter(Tty *tty, GError **error) {
        if (!console_set_raw(error))
                return false;
        tty_follow_size(tty);
        if (!tty->relay)
                tty->relay = relay_new(tty->master, RELAY_NO_ESCAPE, NULL, NULL);
        return true;
}

void tty_leave(Tty *tty) {
        console_restore();
}

/* The kernel tells the program if it is a new one. */
void tty_follow_size(Tty *tty) {
        struct winsize size;

        if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) >= 0)
                ioctl(tty->master, TIOCSWINSZ, &size);
}

void tty_free(Tty *tty) {
        if (!tty)
                return;
        if (tty->relay)
                relay_drain(tty->relay);
        relay_free(tty->relay);
        if (tty->master >= 0)
                close(tty->master);
        console_restore();
        g_free(tty);
}

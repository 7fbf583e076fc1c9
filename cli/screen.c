/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Draws over what is there instead of clearing it, in one write, so that nothing flickers. Ctrl-C and
 * Ctrl-Z stay what they are. */

#include "screen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

#define ENTER "\033[?1049h\033[?25l\033[?7l" /* other screen, no cursor, cut long lines */
#define LEAVE "\033[?7h\033[?25h\033[?1049l"

#define CLEAR_LINE  "\033[K"
#define CLEAR_BELOW "\033[J"
#define HOME        "\033[H"

#define DEFAULT_WIDTH  80
#define DEFAULT_HEIGHT 24

/* How long the rest of a key's sequence may take. */
#define SEQUENCE_MSEC 20

bool screen_is_possible(void) {
        const char *term = g_getenv("TERM");

        return term && *term && strcmp(term, "dumb") != 0 && isatty(STDIN_FILENO) == 1 &&
               isatty(STDOUT_FILENO) == 1;
}

bool screen_enter(Screen *screen, GError **error) {
        struct termios raw;

        if (tcgetattr(STDIN_FILENO, &screen->before) < 0) {
                g_set_error(error, CLI_ERROR, CLI_ERROR_FAILED, "cannot use the terminal: %s",
                            g_strerror(errno));
                return false;
        }
        raw = screen->before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        raw.c_cc[VMIN] = 0;
        raw.c_cc[VTIME] = 0;
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
        fputs(ENTER, stdout);
        fflush(stdout);
        screen->entered = true;
        return true;
}

void screen_leave(Screen *screen) {
        if (!screen->entered)
                return;
        screen->entered = false;
        fputs(LEAVE, stdout);
        fflush(stdout);
        tcsetattr(STDIN_FILENO, TCSADRAIN, &screen->before);
}

void screen_get_size(unsigned *ret_width, unsigned *ret_height) {
        struct winsize size = {0};

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
                size = (struct winsize){0};
        *ret_width = size.ws_col > 0 ? size.ws_col : DEFAULT_WIDTH;
        *ret_height = size.ws_row > 0 ? size.ws_row : DEFAULT_HEIGHT;
}

void screen_draw(const char *text, unsigned height) {
        g_autoptr(GString) frame = g_string_new(HOME);
        unsigned n = 0;

        while (*text && n < height) {
                size_t length = strcspn(text, "\n");

                if (n++ > 0)
                        g_string_append_c(frame, '\n');
                g_string_append_len(frame, text, (gssize)length);
                g_string_append(frame, CLEAR_LINE);
                text += length + (text[length] ? 1 : 0);
        }
        g_string_append(frame, CLEAR_BELOW);
        fwrite(frame->str, 1, frame->len, stdout);
        fflush(stdout);
}

/* The next byte; -1: none within that time, -2: there will be none. */
static int read_byte(int timeout_msec) {
        struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
        unsigned char byte;

        if (poll(&fd, 1, timeout_msec) <= 0)
                return -1;
        return read(STDIN_FILENO, &byte, 1) == 1 ? byte : -2;
}

/* What stands for a key after ESC [ or ESC O, up to its final byte. */
static int read_sequence(void) {
        int parameter = 0, byte;

        while ((byte = read_byte(SEQUENCE_MSEC)) >= 0x20 && byte < 0x40)
                parameter = byte;
        switch (byte) {
        case 'A':
                return KEY_UP;
        case 'B':
                return KEY_DOWN;
        case 'C':
                return KEY_RIGHT;
        case 'D':
                return KEY_LEFT;
        case '~':
                if (parameter == '5')
                        return KEY_PAGE_UP;
                return parameter == '6' ? KEY_PAGE_DOWN : KEY_CHARACTER;
        default:
                return KEY_CHARACTER; /* one that means nothing here */
        }
}

int screen_read_key(void) {
        int byte = read_byte(0);

        if (byte == -2)
                return KEY_END_OF_INPUT;
        if (byte < 0)
                return KEY_NONE;
        if (byte != '\033')
                return KEY_CHARACTER + byte;
        byte = read_byte(SEQUENCE_MSEC);
        return byte == '[' || byte == 'O' ? read_sequence() : KEY_CHARACTER;
}

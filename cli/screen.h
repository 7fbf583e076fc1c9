/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The terminal as a screen that is drawn again and again, with keys that are read at once. Plain
 * sequences that every terminal of the last decades understands; what was on it before comes back. */

#include <glib.h>
#include <stdbool.h>
#include <termios.h>

typedef enum Key {
        KEY_NONE,
        KEY_UP,
        KEY_DOWN,
        KEY_LEFT,
        KEY_RIGHT,
        KEY_PAGE_UP,
        KEY_PAGE_DOWN,
        KEY_END_OF_INPUT,
        KEY_CHARACTER, /* and all above: this and the character */
} Key;

typedef struct Screen {
        struct termios before;
        bool entered;
} Screen;

/* Whether standard input and output are a terminal on which that works. */
bool screen_is_possible(void);

bool screen_enter(Screen *screen, GError **error);

/* Puts everything back. Harmless if it was not entered, or left already. */
void screen_leave(Screen *screen);

void screen_get_size(unsigned *ret_width, unsigned *ret_height);

/* Shows a text instead of what is shown; lines that do not fit are cut at the right and below. */
void screen_draw(const char *text, unsigned height);

/* The next key that was typed; KEY_NONE if there is none. */
int screen_read_key(void);

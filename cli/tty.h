/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A pseudo terminal of ours for a program that we stand for: it has the one end as its standard
 * streams, we show the other on our own terminal and pass on what is typed there. */

#include <glib.h>
#include <proctor/proctor.h>
#include <stdbool.h>

typedef struct Tty Tty;

/* Makes one and gives it to the description. An error if standard input is no terminal. */
Tty *tty_new(ProctorProcessConfig *config, GError **error);

/* Our terminal is the program's from now on, and again after tty_leave(). */
bool tty_enter(Tty *tty, GError **error);
void tty_leave(Tty *tty);

/* Ours has another size, perhaps. */
void tty_follow_size(Tty *tty);

/* Shows what is left, and gives our terminal back. */
void tty_free(Tty *tty);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Looks users up without ever waiting for it. The system's user database may be a directory at the
 * other end of a network, and its modules are strangers' code: each look-up is a process of its own,
 * this program with ACCOUNT_HELPER_OPTION, which has a deadline and may crash alone. What was found
 * is good for half a minute. */

#include "core/hands.h"
#include "sys/loop.h"
#include "sys/spawn.h"

typedef struct Accounts Accounts;

/* helper: the program that is run; NULL: this one. deadline: 0 is the default of 20 s. */
Accounts *accounts_new(Loop *loop, Spawner *spawner, const char *helper, usec_t deadline);
Accounts *accounts_free(Accounts *accounts);

/* As Hands.look_up. */
int accounts_look_up(Accounts *accounts, const char *user, AccountFunc func, void *userdata,
                     Account **ret);
void accounts_cancel(Accounts *accounts, void *userdata);

/* The helper's side, and how main() is told to be it. */
#define ACCOUNT_HELPER_OPTION "--look-up-user"

/* Prints the user to standard output; the exit status of the process. */
int account_helper(const char *user);

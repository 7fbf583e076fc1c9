/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether somebody of a tree waits for input: of a person, or of who feeds its standard input. */

#include <stdbool.h>

#include "sys/tree.h"

/* As Hands.waits_for_input. */
bool input_is_awaited(Tree *tree, uid_t uid);

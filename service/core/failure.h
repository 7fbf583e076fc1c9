/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Why a process was not started, as a sentence for people: the same whether a caller gets it as an
 * error or reads it in the status of a group. */

#include "core/hands.h"

/* "exec '/no/such': No such file or directory"; new string. */
char *start_failure_text(const StartFailure *failure);

/* The same for a start that was not even begun: what lifecycle_start() returned; `limit` if that is
 * CORE_E_LIMIT. */
char *start_refusal_text(int r, const char *limit);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Processes that somebody else has started. */

#include "core/hands.h"
#include "sys/tree.h"

/* As Hands.adopt. */
int adopt(Sys *sys, pid_t pid, int pidfd, uid_t uid, const HandsEvents *events, void *userdata,
          Tree **ret, char ***ret_command);

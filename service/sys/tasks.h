/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the tasks of a tree are doing, from /proc: state, wait channel, system call, descriptors. */

#include "core/dossier.h"
#include "sys/tree.h"

/* As Hands.inspect. */
int tasks_inspect(Tree *tree, uid_t uid, Dossier *dossier);

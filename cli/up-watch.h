/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The members of proctor up that are watched for hangs. Their output comes to us and not to the
 * service, so it is reported there as a sign of life; and what the service finds is said. */

#include "up-output.h"

typedef struct UpWatch UpWatch;

UpWatch *up_watch_new(ProctorGroup *group, const UpFile *file, UpOutput *output);

/* The member has written something. */
void up_watch_touch(UpWatch *watch, const UpMember *member);

UpWatch *up_watch_free(UpWatch *watch);

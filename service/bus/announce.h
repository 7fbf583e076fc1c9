/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the supervisor tells about processes, as signals: see face_events. */

#include "bus/face.h"

/* Tells one peer how a process is now, or that it is gone. */
void announce_again(Face *face, const Peer *peer, uint64_t id);

/* Tells all subscribed peers what has changed of a process; nothing if it is gone. */
void announce_changes(Face *face, uint64_t id, ProcessChange changes);

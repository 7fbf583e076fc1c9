/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Names of system calls, as of this machine. */

/* NULL: it has none here. */
const char *syscall_name(long number);

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The table of names; its entries are generated from the headers of the machine. A kernel that is
 * newer than these has calls without a name. */

#include "sys/syscall-name.h"

#include <stddef.h>
#include <sys/syscall.h>

static const char *const names[] = {
#include "sys/syscall-names.h"
};

const char *syscall_name(long number) {
        return number >= 0 && (size_t)number < sizeof names / sizeof names[0] ? names[number]
                                                                              : NULL;
}

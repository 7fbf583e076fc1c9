#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Prints the names of the system calls that the compiler's headers know, as initializers of a table.
# Usage: syscall-names.sh COMPILER [OPTION...]
set -eu

echo '#include <sys/syscall.h>' | "$@" -E -dM -x c - |
        sed -n -E 's/^#define __NR_([a-z][a-z0-9_]*) .*$/\1/p' |
        grep -v -x -e syscalls -e arch_specific_syscall |
        LC_ALL=C sort -u |
        sed -E 's/.*/[__NR_&] = "&",/'

#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An example prints what its golden file says; times and numbers that change are not in it.
# Usage: test-examples.sh EXPECTED COMMAND...

set -eu
expected=$1
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$@" > "$work/printed"
diff -u "$expected" "$work/printed"

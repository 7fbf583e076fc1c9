#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the library exports is what is written down, and what its headers declare; the smallest
# example says what it should.
# Usage: test-library-abi.sh LIBRARY SYMBOLS HEADERS HELLO

set -eu
library=$1 symbols=$2 headers=$3 hello=$4
export LC_ALL=C

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

nm -D --defined-only "$library" | awk '{print $3}' | sort > "$work/exported"
diff -u "$symbols" "$work/exported"
grep -hoE '\bproctor_[a-z_0-9]+\(' "$headers"/proctor/*.h | grep -vE '_get_type\(\)$' |
        tr -d '(' | sort -u > "$work/declared"
# G_DECLARE_FINAL_TYPE declares the type's function without naming it.
comm -23 "$work/declared" "$work/exported" > "$work/missing"
if [ -s "$work/missing" ]; then
        echo 'declared and not exported:'
        cat "$work/missing"
        exit 1
fi

test "$("$hello")" = 'exit-code, 42'

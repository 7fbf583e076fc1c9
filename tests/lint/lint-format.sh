#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# clang-format is the judge of the layout of all C in the tree.
#
#   lint-format.sh SOURCE-ROOT
set -eu
cd "$1"
if ! command -v clang-format >/dev/null; then
        echo "skipped: there is no clang-format"
        exit 77
fi
if git ls-files >/dev/null 2>&1; then
        list="git ls-files --cached --others --exclude-standard"
else
        list="find . -type f"
fi
for file in $($list | grep -E '\.(c|h)$'); do
        [ -e "$file" ] && echo "$file"
done | xargs -P 2 -n 40 clang-format --dry-run -Werror
echo "format: good"

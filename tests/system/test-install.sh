#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# An installation into a DESTDIR: what is there, that it fits the place where it will be, that it is
# nobody's to change, and that uninstalling leaves nothing.
#
#   test-install.sh BUILD SOURCE
set -u

build=$1
source=$2
here=$(dirname "$0")
# shellcheck source=tests/system/install.sh
. "$here/install.sh"

if ! command -v meson >/dev/null || ! command -v python3 >/dev/null; then
        echo "SKIP test-install: meson or python3 is not installed"
        exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dest=$scratch/dest
mkdir "$dest"
umask 022
install_into "$build" "$dest" || exit 1

failed=0
complain() {
        failed=1
        printf '%s\n' "$@"
}

python3 "$here/check-data.py" "$dest" "$source" || failed=1
strangers=$(find "$dest" -mindepth 1 ! -type l -perm /022)
[ -z "$strangers" ] || complain "others may write to:" "$strangers"
strangers=$(grep -rIlF -e "$dest" -e "$build" -e "$source" "$dest")
[ -z "$strangers" ] || complain "these name the place where they were built:" "$strangers"

strangers=$(find "$dest" -type f -perm /111 -exec readelf -d {} + 2>/dev/null | grep -E 'R(UN)?PATH')
[ -z "$strangers" ] || complain "programs look for libraries where they were built:" "$strangers"

# uninstalled by the list that the installation wrote
(
        cd "$scratch" && mkdir -p fake/meson-logs fake/meson-private &&
                cp "$dest.files" fake/meson-logs/install-log.txt &&
                cd fake && meson --internal uninstall >"$scratch/uninstall.log" 2>&1
) || complain "uninstall failed:" "$(cat "$scratch/uninstall.log")"
left=$(find "$dest" -mindepth 1)
[ -z "$left" ] || complain "uninstall left:" "$left"
exit $failed

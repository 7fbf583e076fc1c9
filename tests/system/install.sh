# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# install_into BUILD DEST: installs a build into a folder, as a packager does. The build directory's
# log of installations stays as it was: its user may yet uninstall by it. One at a time: they all write
# that log.

install_into() {
        (flock 8 && install_alone "$@") 8>"$1/meson-logs/install-log.lock"
}

install_alone() {
        local build=$1 dest=$2 log=$1/meson-logs/install-log.txt kept

        kept=$(mktemp)
        [ ! -f "$log" ] || cp -p "$log" "$kept"
        meson install -C "$build" --no-rebuild --destdir "$dest" >"$dest.log" 2>&1 || {
                cat "$dest.log"
                return 1
        }
        cp "$log" "$dest.files"
        if [ -s "$kept" ]; then
                cp -p "$kept" "$log"
        else
                rm -f "$log"
        fi
        rm -f "$kept"
}

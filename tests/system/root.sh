#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds the root of the test container, unless the cache has it, and prints its path: a minimal
# system of the distribution that this machine runs, from where this machine's apt has its packages,
# with the users alice, bob and big. Nothing of proctor is in it, and nobody writes to it any more.
#
#   root.sh CACHE-DIRECTORY
#
# Exit status 77: not possible here, for the reason that it prints.
set -eu

packages=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,polkitd,procps
packages=$packages,libglib2.0-0,libjson-glib-1.0-0,libasan8,libubsan1

cache=$1
state=$(sha256sum "$0" | cut -c1-16)
root=$cache/root-$state

skip() {
        echo "$1" >&2
        exit 77
}

# The archive that apt uses for the running release, and the proxy that it goes through.
find_archive() {
        local suite=$1 archive
        archive=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' \
                'Created-By: Packages' | sed -n "s/^$suite main //p" | head -n 1)
        if [ -z "$archive" ]; then
                apt-get update -qq >&2
                archive=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' \
                        'Created-By: Packages' | sed -n "s/^$suite main //p" | head -n 1)
        fi
        echo "$archive"
}

build() {
        local suite archive proxy new=$root.new
        suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
        archive=$(find_archive "$suite")
        [ -n "$archive" ] || skip "apt knows no archive of the release '$suite'"
        proxy=$(apt-config dump --format '%v%n' Acquire::http::Proxy)
        [ -z "$proxy" ] || export http_proxy=$proxy
        rm -rf "$new"
        debootstrap --variant=minbase --include=$packages "$suite" "$new" "$archive" \
                >"$cache/debootstrap.log" 2>&1 </dev/null || {
                tail -n 20 "$cache/debootstrap.log" >&2
                rm -rf "$new"
                return 1
        }
        # -l: the log of last logins is as long as the greatest uid
        chroot "$new" useradd -l -m -u 1000 -s /bin/bash -G audio,video alice
        chroot "$new" useradd -l -m -u 1001 -s /bin/bash bob
        chroot "$new" useradd -l -m -u 4000000000 -s /bin/bash big
        rm -rf "$new"/var/cache/apt/* "$new"/var/lib/apt/lists/* "$new"/usr/share/doc/*
        mv "$new" "$root"
}

[ "$(id -u)" = 0 ] || skip "not root"
for tool in apt-get debootstrap flock; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
done
mkdir -p "$cache"
cache=$(realpath "$cache")
root=$cache/root-$state
exec 9>"$cache/lock"
flock 9
# An older one has no users left: who uses a root does so after its script was read.
[ -d "$root" ] || build 9>&-
echo "$root"

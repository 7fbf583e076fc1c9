#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs a command on a session bus of its own that can start the service, with the tool in its PATH.
# Usage: on-bus.sh PROCTOR PROCTORD COMMAND...

set -eu
tool=$(realpath "$1")
service=$(realpath "$2")
shift 2

for program in dbus-run-session dbus-daemon busctl; do
        command -v "$program" >/dev/null || {
                echo "SKIP $program is not installed" >&2
                exit 77
        }
done
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cat >"$directory/org.proctor1.service" <<SERVICE
[D-BUS Service]
Name=org.proctor1
Exec=$service --session
SERVICE
cat >"$directory/bus.conf" <<CONFIG
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=$directory</listen><auth>EXTERNAL</auth>
<servicedir>$directory</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
CONFIG
PATH=$(dirname "$tool"):$PATH LC_ALL=C.UTF-8 dbus-run-session --config-file="$directory/bus.conf" -- "$@"

#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Starts a process in a directory, with a variable of its environment and a timeout, waits for its end,
# and reads the statistics: with busctl alone, on the session bus.

set -eu

# call OBJECT INTERFACE METHOD [SIGNATURE ARGUMENT...]: what it answers, without the types
call() {
        object=$1 interface=org.proctor1.$2
        shift 2
        busctl --user call org.proctor1 -- "$object" "$interface" "$@" | cut -d ' ' -f 2-
}

manager=/org/proctor1
process=$(call $manager Manager StartProcess 'asa{sv}' \
        3 sh -c 'echo "$GREETING from $PWD"' \
        4 Name s shell_script WorkingDirectory s / \
        Environment 'a{ss}' 1 GREETING hello TimeoutUSec t 60000000)
process=$(echo "$process" | cut -d '"' -f 2)
[ "$process" ]

# exit code and result, within 120 s
ended=$(call "$process" Process Wait t 120000000)
echo "shell_script: $ended"

# bytes as numbers: how many, the bytes, the offset of the next, whether it is the end
set -- $(call "$process" Process ReadOutput stu stdout 0 1000)
count=${1:-0}
shift
said=
while [ "$count" -gt 0 ]; do
        said="$said\\$(printf %03o "$1")"
        shift
        count=$((count - 1))
done
printf "it said: $said"

call $manager Manager GetStats | sed -n 's/.*"TotalManaged" u \([0-9]*\).*/managed processes: \1/p'
call $manager Manager Shutdown

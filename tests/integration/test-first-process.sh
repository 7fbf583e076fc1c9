#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# proctor run as the first process of a container: it collects orphans, passes signals on, and ends as
# its program ends.
#
#   test-first-process.sh PROCTOR PROCTORD
set -u

proctor=$(realpath "$1")
PROCTOR_DAEMON=$(realpath "$2")
# no leak checker: it cannot work where it is the parent of strangers
export PROCTOR_DAEMON ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"

if ! unshare --pid --fork --mount-proc true 2>/dev/null; then
        echo "SKIP test-first-process: no PID namespace may be made here"
        exit 77
fi

passed=0
failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

check() {
        if [ "$2" = "$3" ]; then
                passed=$((passed + 1))
        else
                failed=$((failed + 1))
                printf 'FAILED %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
        fi
}

eventually() {
        local deadline=$((SECONDS + 20))
        until "$@"; do
                [ $SECONDS -lt $deadline ] || return 1
                sleep 0.02
        done
}

first() {
        timeout -s KILL 60 unshare --pid --fork --mount-proc --kill-child "$proctor" run "$@"
}

first -- sh -c 'exit 7'
check "ends as its program ends" 7 $?
first -- sh -c 'kill -USR1 $$' 2>/dev/null
check "ends as the signal that ended it" 138 $?

# until none of them is left, dead or alive, or for ten seconds
cat >"$scratch/orphans" <<'SCRIPT'
(sleep 0.05 &)
(setsid sleep 0.05 &)
setsid -f sleep 0.05
left=500
while ps -eo ppid=,comm= | grep -q '^ *1 sleep' && [ $left -gt 0 ]; do
        left=$((left - 1))
        read -r -t 0.02 _ <> <(:)
done
ps -eo stat= | grep -c Z
SCRIPT
check "collects orphans" 0 "$(first -- bash "$scratch/orphans")"

mkfifo "$scratch/ready"
first -- sh -c "trap 'exit 9' TERM; echo >'$scratch/ready'; while :; do sleep 0.05; done" &
runner=$!
read -r _ <"$scratch/ready"
one=$(pgrep -P "$(pgrep -P "$(pgrep -P $runner)")") # of timeout, of unshare
kill -TERM "$one"
wait $runner
check "passes the engine's SIGTERM on" 9 $?

echo "test-first-process: $passed passed, $failed failed"
[[ $failed == 0 && $passed -ge 4 ]]

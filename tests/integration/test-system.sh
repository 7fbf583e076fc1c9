#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# proctord --system with real processes of several users, on a private bus that plays the system's, and
# through a restart of that bus. $1: proctord. As a user would: with busctl.
set -eu

proctord=$1

if [ "$(id -u)" != 0 ]; then
        echo "without root nobody can be somebody else"
        exit 77
fi
if ! unshare -m true; then
        echo "no mount namespace to be had"
        exit 77
fi
if [ -z "${PROCTOR_TEST_INSIDE-}" ]; then
        PROCTOR_TEST_INSIDE=1 exec unshare -m --propagation private "$0" "$@"
fi

here=$(mktemp -d "${TMPDIR:-/tmp}/proctor-test-XXXXXX")
chmod 755 "$here"
mkdir -m 755 "$here/home"
{
        cat /etc/passwd
        echo "alice:x:1001:1001::$here/home:/bin/sh"
        echo "bob:x:1002:1002::$here/home:/bin/sh"
        echo "big:x:4000000000:65534::$here/home:/bin/sh"
} >"$here/passwd"
mount --bind "$here/passwd" /etc/passwd
cat >"$here/bus.conf" <<XML
<busconfig><type>system</type><listen>unix:path=$here/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/></policy></busconfig>
XML
export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$here/bus"
bus=
service=

finish() {
        [ -z "$service" ] || kill "$service" 2>/dev/null || true
        [ -z "$service" ] || wait "$service" || true
        [ -z "$bus" ] || kill "$bus" 2>/dev/null || true
        umount /etc/passwd || true
        rm -rf "$here"
}
trap finish EXIT

fail() {
        echo "FAILED: $*" >&2
        exit 1
}

start_bus() {
        rm -f "$here/bus"
        dbus-daemon --config-file="$here/bus.conf" --nofork 2>/dev/null &
        bus=$!
        for _ in $(seq 200); do
                [ -S "$here/bus" ] && return
                sleep 0.05
        done
        fail "no bus"
}

# as UID busctl-argument…
as() {
        setpriv --reuid "$1" --clear-groups timeout 20 busctl --system -- "${@:2}" 2>&1
}

manager() {
        as "$1" call org.proctor1 /org/proctor1 org.proctor1.Manager "${@:2}"
}

process() {
        as "$1" call org.proctor1 "/org/proctor1/process/$2" org.proctor1.Process "${@:3}"
}

wait_for_service() {
        for _ in $(seq 200); do
                manager 0 GetStats >/dev/null && return
                kill -0 "$service" || break
                sleep 0.05
        done
        fail "the service is not there"
}

# expect WHAT PATTERN TEXT
expect() {
        # shellcheck disable=SC2254
        case "$3" in
        $2) ;;
        *) fail "$1: expected '$2', got '$3'" ;;
        esac
}

# what does not start says why
expect "another user" "*--system: expected to be run as root*" \
        "$(setpriv --reuid 1001 --clear-groups "$proctord" --system 2>&1 || true)"
printf '[Limits]\nRunningMax=many\n' >"$here/bad.conf"
expect "a bad file" "*bad.conf: ?Limits? RunningMax=many: expected*" \
        "$("$proctord" --system --config="$here/bad.conf" 2>&1 || true)"

start_bus
printf '[Limits]\nRunningMax=3\n' >"$here/good.conf"
LD_HARMLESS=1 "$proctord" --system --config="$here/good.conf" &
service=$!
wait_for_service

# everybody's processes are his own, in everything
script="id -u; id -g; id -G; pwd; echo \$HOME \$USER \$LOGNAME \$SHELL \$PATH; env | grep -c LD_; sleep 1000"
expect start '*"/org/proctor1/process/1"*' \
        "$(manager 1001 StartProcess 'asa{sv}' 3 sh -c "$script" 1 Stdout s capture)"
wanted="1001
1001
1001
$here/home
$here/home alice alice /bin/sh /usr/local/bin:/usr/bin:/bin
0
"
for _ in $(seq 200); do
        bytes=$(process 1001 1 ReadOutput stu stdout 0 4096 | cut -d' ' -f3- | sed 's/ [0-9]* \(true\|false\)$//')
        text=$(for byte in $bytes; do printf "\\x$(printf %x "$byte")"; done; echo .)
        [ "$text" = "$wanted." ] && break
        sleep 0.05
done
[ "$text" = "$wanted." ] || fail "alice's process is not hers: $text"
expect big '*"/org/proctor1/process/2"*' \
        "$(manager 4000000000 StartProcess 'asa{sv}' 2 sleep 1000 0)"
expect owner "u 4000000000" \
        "$(as 4000000000 get-property org.proctor1 /org/proctor1/process/2 org.proctor1.Process Owner)"

# and nobody else's
expect list "a(oussis) 0" "$(manager 1002 ListProcesses)"
expect stop "*Unknown object*" "$(process 1002 1 Stop b true || true)"
expect read "*Unknown object*" "$(process 1002 1 ReadOutput stu stdout 0 100 || true)"
expect "run as root" "*ccess denied*" \
        "$(manager 1001 StartProcess 'asa{sv}' 1 true 1 User s root || true)"
expect "root's list" "a(oussis) 2 *" "$(manager 0 ListProcesses)"
expect loader "*LD_PRELOAD may not be set*" \
        "$(manager 0 StartProcess 'asa{sv}' 1 true 2 User s bob Environment 'a{ss}' 1 LD_PRELOAD /x || true)"
expect "no such user" "*there is no user 'carol'*" \
        "$(manager 0 StartProcess 'asa{sv}' 1 true 1 User s carol || true)"

# root can be anybody, who then gains nothing
expect "run as bob" '*"/org/proctor1/process/3"*' \
        "$(manager 0 StartProcess 'asa{sv}' 2 sleep 1000 1 User s bob)"
pid=$(as 1002 get-property org.proctor1 /org/proctor1/process/3 org.proctor1.Process PID)
grep -q "^NoNewPrivs:[[:space:]]1" "/proc/${pid#u }/status" || fail "bob's process could gain privileges"
grep -q "^Uid:[[:space:]]1002[[:space:]]1002[[:space:]]1002" "/proc/${pid#u }/status" || fail "not bob's"

# limits are each user's own
manager 1001 StartProcess 'asa{sv}' 2 sleep 1000 0 >/dev/null
manager 1001 StartProcess 'asa{sv}' 2 sleep 1000 0 >/dev/null
expect limit "*imit reached: running processes of one user*" \
        "$(manager 1001 StartProcess 'asa{sv}' 2 sleep 1000 0 || true)"
manager 1002 StartProcess 'asa{sv}' 2 sleep 1000 0 >/dev/null

# the bus goes and comes: what is managed goes on
kill "$bus"
wait "$bus" || true
start_bus
wait_for_service
kill -0 "$service" || fail "the service has left with its bus"
expect "after the bus" '*"/org/proctor1/process/1" * "running"*' "$(manager 1001 ListProcesses)"
expect "stop after the bus" 'is -9 "stopped"' "$(process 1001 1 Stop b true)"

# and it leaves in order
kill "$service"
wait "$service" || fail "the service did not leave in order"
service=
[ ! -e "/proc/${pid#u }" ] || fail "bob's process was left behind"
echo "all as expected"

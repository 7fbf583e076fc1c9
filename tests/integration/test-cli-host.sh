#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The tool over --host: a real sshd on loopback, systemd-stdio-bridge behind it, and a bus of the
# test's own that plays the system bus of the other machine.
#
#   test-cli-host.sh PROCTOR PROCTORD
set -u

proctor=$(realpath "$1")
proctord=$(realpath "$2")
sshd=$(PATH=/usr/sbin:$PATH command -v sshd)
unset DBUS_SESSION_BUS_ADDRESS

for tool in dbus-daemon ssh ssh-keygen systemd-stdio-bridge "${sshd:-sshd}"; do
        if ! command -v "$tool" >/dev/null; then
                echo "SKIP test-cli-host: $tool is not installed"
                exit 77
        fi
done
if [ "$(id -u)" != 0 ]; then
        echo "SKIP test-cli-host: sshd needs root to start"
        exit 77
fi

passed=0
failed=0
scratch=$(mktemp -d)
pids=()
finish() {
        kill "${pids[@]}" 2>/dev/null
        wait 2>/dev/null
        rm -rf "$scratch"
}
trap finish EXIT

# check NAME PATTERN ACTUAL
check() {
        # shellcheck disable=SC2254
        case "$3" in
        $2) passed=$((passed + 1)) ;;
        *)
                failed=$((failed + 1))
                printf 'FAILED %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
                ;;
        esac
}

eventually() {
        local deadline=$((SECONDS + 20))
        until "$@"; do
                [ $SECONDS -lt $deadline ] || return 1
                sleep 0.05
        done
}

listens() {
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}

bring_up() {
        port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
        mkdir -p /run/sshd "$scratch/bin"
        ssh-keygen -q -t ed25519 -N '' -f "$scratch/host"
        ssh-keygen -q -t ed25519 -N '' -f "$scratch/user"
        # the machine behind sshd is this one, but its bus is ours
        echo "command=\"systemd-stdio-bridge -p unix:path=$scratch/bus\" $(cat "$scratch/user.pub")" \
                >"$scratch/authorized_keys"
        cat >"$scratch/sshd.conf" <<CONF
Port $port
ListenAddress 127.0.0.1
HostKey $scratch/host
AuthorizedKeysFile $scratch/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
CONF
        # as a user's own ~/.ssh/config would say
        cat >"$scratch/bin/ssh" <<SSH
#!/bin/sh
exec $(command -v ssh) -F none -i $scratch/user -o StrictHostKeyChecking=no -o LogLevel=ERROR \
        -o UserKnownHostsFile=$scratch/known_hosts "\$@"
SSH
        chmod +x "$scratch/bin/ssh"
        PATH=$scratch/bin:$PATH
        dbus-daemon --session --nofork --address="unix:path=$scratch/bus" 2>/dev/null &
        pids+=($!)
        eventually test -S "$scratch/bus" || return 1
        "$proctord" --address="unix:path=$scratch/bus" 2>/dev/null &
        pids+=($!)
        "$sshd" -D -e -f "$scratch/sshd.conf" 2>"$scratch/sshd.log" &
        pids+=($!)
        eventually listens && eventually far version >/dev/null 2>&1
}

far() {
        timeout -s KILL 60 "$proctor" --host="ssh://root@127.0.0.1:$port" "$@" 2>&1
}

if ! bring_up; then
        echo "test-cli-host: nothing comes up: $(tail -n2 "$scratch/sshd.log")"
        exit 1
fi

check version "proctor *service *" "$(far version)"
# shellcheck disable=SC2016
check start "Started 'far'*" \
        "$(far start --name=far --cwd=/usr --env=GREETING=hello -- \
                sh -c 'echo 1; echo 2; until test -e "$0"; do sleep 0.05; done; echo 3; echo "$GREETING from $PWD"' \
                "$scratch/go")"
check ps "*far*running*" "$(far ps)"
far logs -f far >"$scratch/followed" &
follower=$!
eventually grep -qx 2 "$scratch/followed"
touch "$scratch/go"
wait "$follower"
check "logs follow by value" "$(printf '1\n2\n3\nhello from /usr')" "$(cat "$scratch/followed")"
check wait "'far' (1): success*" "$(far wait far)"
check status "*finished: success*hello from /usr*" "$(far status far)"
check "last line" "hello from /usr" "$(far logs --lines=1 far)"
check "json" "*\"Result\"*\"success\"*" "$(far status --json far)"
check "collect" 0 "$(far collect far >&2; echo $?)"
check "nothing there any more" "*no process*far*" "$(far status far)"
far start --name=nap -- sleep 600 >/dev/null
check "signal" 0 "$(far signal USR1 nap >&2; echo $?)"
check "it ended by it" "*signal*" "$(far wait nap)"
far start --name=long -- sleep 600 >/dev/null
check stop "*stopped*" "$(far stop long)"
check stats "*tarted*3*" "$(far stats)"
check "run says what to do instead" "proctor: run *start, logs -f and wait*" "$(far run -- true)"
check "what takes a descriptor says so" "*does not pass file descriptors*" \
        "$(far start --stdin=/dev/null -- cat)"
check "a host that is not there" "*cannot be reached*systemd-stdio-bridge*" \
        "$(timeout -s KILL 60 "$proctor" --host=ssh://127.0.0.1:1 ps 2>&1)"
check "one bus at a time" "*only one of*" "$(far --session ps)"

echo "test-cli-host: $passed passed, $failed failed"
[[ $failed == 0 && $passed -ge 15 ]]

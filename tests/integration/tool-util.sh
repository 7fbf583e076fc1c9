#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of the tool share: how something is checked, waiting for an event with a deadline,
# and a bus with a service of the test's own. To be sourced, with PROCTOR and PROCTORD as arguments
# of the test.

proctor=$(realpath "$1")
PROCTOR_DAEMON=$(realpath "$2")
export PROCTOR_DAEMON
unset NO_COLOR COLUMNS DBUS_SESSION_BUS_ADDRESS
export LC_ALL=C.UTF-8 TERM=xterm PROCTOR_PAGER=cat

for tool in dbus-daemon timeout script; do
        if ! command -v "$tool" >/dev/null; then
                echo "SKIP $(basename "$0" .sh): $tool is not installed"
                exit 77
        fi
done

passed=0
failed=0
scratch=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$scratch"' EXIT

# check NAME PATTERN ACTUAL: the pattern is a shell pattern for the whole
check() {
        # shellcheck disable=SC2254
        case "$3" in
        $2)
                passed=$((passed + 1))
                ;;
        *)
                failed=$((failed + 1))
                printf 'FAILED %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
                ;;
        esac
}

# code COMMAND...: its exit code
code() {
        "$@" >/dev/null 2>&1
        echo $?
}

# both COMMAND...: exit code, standard output and standard error in one line
both() {
        local out r
        out=$("$@" 2>"$scratch/stderr")
        r=$?
        echo "$r|$out|$(cat "$scratch/stderr")"
}

# eventually COMMAND...: until it succeeds, at most 10 s
eventually() {
        local deadline=$((SECONDS + 10))
        until "$@" >/dev/null 2>&1; do
                ((SECONDS < deadline)) || return 1
                sleep 0.02
        done
}

# Gone, or dead and not yet reaped by whoever inherited it.
gone() {
        ! kill -0 "$1" 2>/dev/null || in_state "$1" Z
}

# in_state PID LETTER
in_state() {
        [[ $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == "$2"* ]]
}

# begin COMMAND...: starts it; its standard output is a pipe of which the first line is awaited.
# What a shell starts in the background ignores SIGINT and SIGQUIT unless told otherwise.
begin() {
        rm -f "$scratch/pipe"
        mkfifo "$scratch/pipe"
        env --default-signal=INT,QUIT -- "$@" >"$scratch/pipe" 2>"$scratch/stderr" &
        begun=$!
        pids+=("$begun")
        exec 9<"$scratch/pipe"
        read -r -t 10 line <&9
}

# check_end NAME CODE: waits for what was begun
check_end() {
        wait "$begun" 2>/dev/null
        check "$1" "$2" $?
}

# in_terminal KEYS COMMAND: when it has said ready, KEYS are typed; prints all, then its exit code
in_terminal() {
        local keys=$1
        rm -f "$scratch/keys" "$scratch/screen"
        mkfifo "$scratch/keys"
        : >"$scratch/screen"
        env --default-signal=INT,QUIT script -qefc "$2" /dev/null <"$scratch/keys" >"$scratch/screen" 2>&1 &
        local pid=$!
        exec 8>"$scratch/keys"
        eventually grep -q ready "$scratch/screen"
        # shellcheck disable=SC2059
        printf "$keys" >&8
        wait "$pid"
        local r=$?
        exec 8>&-
        tr -d '\r' <"$scratch/screen"
        echo "=$r"
}

# A bus without a service, which DBUS_SESSION_BUS_ADDRESS names.
start_bus() {
        coproc BUS { exec dbus-daemon --session --nofork --nopidfile --print-address=1 2>/dev/null; }
        pids+=("$BUS_PID")
        read -r -t 10 DBUS_SESSION_BUS_ADDRESS <&"${BUS[0]}"
        export DBUS_SESSION_BUS_ADDRESS
}

start_service() {
        "$PROCTOR_DAEMON" --session 2>"$scratch/proctord.log" &
        service=$!
        pids+=("$service")
        eventually "$proctor" stats
}

# conclude NAME MINIMUM: the exit code of the test, which fails too if it checked less
conclude() {
        echo "$1: $passed passed, $failed failed"
        [[ $failed == 0 && $passed -ge $2 ]]
}

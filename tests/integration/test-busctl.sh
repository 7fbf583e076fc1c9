#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# busctl alone, on a private session bus: start, wait, stop, a hang, and what is said of bad input.
# Each check compares the whole answer.
#
#   test-busctl.sh PROCTORD
set -u

proctord=$1
if ! command -v busctl >/dev/null || ! command -v dbus-daemon >/dev/null; then
        echo "SKIP test-busctl: busctl or dbus-daemon is not installed"
        exit 77
fi

passed=0
failed=0
scratch=$(mktemp -d)

coproc BUS { exec dbus-daemon --session --nofork --nopidfile --print-address=1 2>/dev/null; }
bus_pid=$BUS_PID
read -r -t 10 DBUS_SESSION_BUS_ADDRESS <&"${BUS[0]}"
export DBUS_SESSION_BUS_ADDRESS
"$proctord" --session 2>"$scratch/proctord.log" &
service_pid=$!
trap 'kill "$service_pid" "$bus_pid" 2>/dev/null; wait 2>/dev/null; rm -rf "$scratch"' EXIT

# The name appears when the service is ready.
for _ in $(seq 500); do
        busctl --user status org.proctor1 >/dev/null 2>&1 && break
        sleep 0.02
done

manager() {
        busctl --user call -- org.proctor1 /org/proctor1 org.proctor1.Manager "$@" 2>&1
}

process() {
        local id=$1
        shift
        busctl --user call -- org.proctor1 "/org/proctor1/process/$id" org.proctor1.Process "$@" 2>&1
}

property() {
        busctl --user get-property org.proctor1 "/org/proctor1/process/$1" org.proctor1.Process "$2" 2>&1
}

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

# Starts a program and prints its id.
start() {
        manager StartProcess 'asa{sv}' "$@" | sed -n 's#^ou "/org/proctor1/process/\([0-9]*\)" [0-9]*$#\1#p'
}

id=$(start 3 sh -c 'exit 7' 1 Name s seven)
check start_gives_an_object '[0-9]*' "$id"
check wait_gives_the_exit_code 'is 7 "exit-code"' "$(process "$id" Wait t 10000000)"
check wait_after_exit_answers_at_once 'is 7 "exit-code"' "$(process "$id" Wait t 0)"
check state_is_finished 's "finished"' "$(property "$id" State)"
check name_is_kept 's "seven"' "$(property "$id" Name)"
check stop_of_a_finished_one_gives_its_code 'is 7 "exit-code"' "$(process "$id" Stop b false)"
check signal_of_a_finished_one_fails "*Process $id has finished" "$(process "$id" SendSignal s timeout)"
check collect_forgets '' "$(process "$id" Collect)"
check a_collected_one_is_unknown "*Unknown object '/org/proctor1/process/$id'." "$(process "$id" Wait t 0)"

id=$(start 2 sleep 600 0)
check wait_with_no_timeout_only_looks "*Process $id is still running" "$(process "$id" Wait t 0)"
check collect_of_a_running_one_fails "*has not finished*" "$(process "$id" Collect)"
check stop_answers_with_the_signal 'is -15 "stopped"' "$(process "$id" Stop b false)"

id=$(start 2 sleep 600 0)
check forced_stop_kills 'is -9 "stopped"' "$(process "$id" Stop b true)"

id=$(start 3 sh -c 'kill -9 $$' 0)
check a_signal_is_negative 'is -9 "signal"' "$(process "$id" Wait t 10000000)"

id=$(start 2 sleep 600 2 TimeoutUSec t 200000 ExtraBufferUSec t 0)
check a_hang_is_ended 'is -15 "hang"' "$(process "$id" Wait t 20000000)"
check health_stays_hung 's "hung"' "$(property "$id" Health)"

id=$(start 2 sleep 600 1 RuntimeMaxUSec t 200000)
check a_runtime_limit_holds 'is -15 "runtime-limit"' "$(process "$id" Wait t 20000000)"

check empty_command_is_refused '*command is empty*' "$(manager StartProcess 'asa{sv}' 0 0)"
check missing_program_is_named "*exec '/no/such/program': No such file or directory" \
        "$(manager StartProcess 'asa{sv}' 1 /no/such/program 0)"
check directory_is_no_program "*exec '/': Permission denied" "$(manager StartProcess 'asa{sv}' 1 / 0)"
printf '#!/no/such/interpreter\n' >"$scratch/script"
printf 'no interpreter line\n' >"$scratch/plain"
chmod +x "$scratch/script" "$scratch/plain"
check missing_interpreter_is_an_exec_failure "*exec '$scratch/script': No such file or directory" \
        "$(manager StartProcess 'asa{sv}' 1 "$scratch/script" 0)"
check script_without_interpreter_is_no_program "*exec '$scratch/plain': Exec format error" \
        "$(manager StartProcess 'asa{sv}' 1 "$scratch/plain" 0)"
check missing_directory_is_named "*chdir '/no/such': No such file or directory" \
        "$(manager StartProcess 'asa{sv}' 1 true 1 WorkingDirectory s /no/such)"
check relative_directory_is_refused '*Option WorkingDirectory: expected an absolute path' \
        "$(manager StartProcess 'asa{sv}' 1 true 1 WorkingDirectory s tmp)"
check unknown_option_is_named "*Unknown option 'Colour'" \
        "$(manager StartProcess 'asa{sv}' 1 true 1 Colour s red)"
check wrong_type_is_named '*Option TimeoutUSec: expected type t, not d' \
        "$(manager StartProcess 'asa{sv}' 1 true 1 TimeoutUSec d nan)"
check zero_timeout_is_refused '*TimeoutUSec: expected at least 1000*' \
        "$(manager StartProcess 'asa{sv}' 1 true 1 TimeoutUSec t 0)"
check unknown_signal_is_named "*No signal 'SIGFOO'*" "$(manager SendSignalToAll s SIGFOO)"
check unknown_pid_is_named '*No process with PID 999999 is known' "$(manager GetProcess u 999999)"
check unknown_object_is_an_error "*Unknown object '/org/proctor1/process/99999'." \
        "$(process 99999 Wait t 0)"
check unknown_mode_is_named "*No mode 'some'*" "$(manager WaitMany aost 1 "/org/proctor1/process/$id" some 0)"

start 2 sleep 600 0 >/dev/null
start 3 sh -c 'setsid sleep 600 & sleep 600' 0 >/dev/null
check stop_all_ends_all 'a{u(is)} 2 * -15 "stopped" * -15 "stopped"' "$(manager StopAll b false)"
check cleanup_forgets_all 'u *' "$(manager CleanupFinished)"
check nothing_is_listed 'a(oussis) 0' "$(manager ListProcesses)"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

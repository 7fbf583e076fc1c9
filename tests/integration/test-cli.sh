#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The tool as its users meet it: run with a private service beside timeout(1), in a terminal, under
# signals; all other verbs with a service on a bus of the test's own. Whatever is waited for is an
# event with a deadline.
#
#   test-cli.sh PROCTOR PROCTORD
set -u

. "$(dirname "$0")/tool-util.sh"

# ---- run: what it returns, beside timeout(1)

printf '#!/no/such/interpreter\n' >"$scratch/no-interpreter"
printf 'data\n' >"$scratch/no-program"
chmod 755 "$scratch/no-interpreter"
mkdir "$scratch/directory"

beside_timeout() {
        local name=$1
        shift
        check "run_returns_what_timeout_does_$name" "$(code timeout 20 "$@")" \
                "$(code "$proctor" run --max-runtime=20 -- "$@")"
}

beside_timeout success true
beside_timeout failure sh -c 'exit 7'
beside_timeout code_255 sh -c 'exit 255'
beside_timeout not_found "$scratch/no-such"
beside_timeout not_found_in_path no-such-program-anywhere
beside_timeout directory "$scratch/directory"
beside_timeout not_executable "$scratch/no-program"
beside_timeout no_interpreter "$scratch/no-interpreter"
beside_timeout killed sh -c 'kill -KILL $$'
beside_timeout terminated sh -c 'kill -TERM $$'
check run_out_of_time "$(code timeout 0.2 sleep 600)" \
        "$(code "$proctor" run --max-runtime=200ms sleep 600)"
# time enough to set a trap on a busy machine; both at once
stubborn='trap "" TERM; sleep 600'
obliging='trap "exit 5" TERM; while :; do sleep 0.05; done'
code timeout -k 0.2 1 sh -c "$stubborn" >"$scratch/stubborn" &
code timeout 1 bash -c "$obliging" >"$scratch/obliging" &
code "$proctor" run --max-runtime=1s -k 200ms sh -c "$stubborn" >"$scratch/run-stubborn" &
code "$proctor" run --max-runtime=1s bash -c "$obliging" >"$scratch/run-obliging" &
wait
check run_out_of_time_and_stubborn "$(cat "$scratch/stubborn")" "$(cat "$scratch/run-stubborn")"
check run_out_of_time_with_a_code_of_its_own "$(cat "$scratch/obliging")" "$(cat "$scratch/run-obliging")"

check run_says_when_time_was_up "124||proctor: 'sleep' ran for longer than 200ms and was ended by SIGTERM" \
        "$(both "$proctor" run --max-runtime=200ms sleep 600)"
check run_says_nothing_if_quiet "124||" "$(both "$proctor" run -q --max-runtime=200ms sleep 600)"
check run_says_nothing_of_a_failure "7||" "$(both "$proctor" run sh -c 'exit 7')"
check run_names_what_hung "124||proctor: 'sleep' gave no sign of life for *s and was ended by SIGTERM" \
        "$(both "$proctor" run --timeout=100ms --extra-buffer=0 sleep 600)"
check run_says_what_could_not_be_started "127||proctor: exec '/no/such': No such file or directory" \
        "$(both "$proctor" run /no/such)"
check run_fails_as_proctor_for_a_bad_directory "125||proctor: *'/no/such'*No such file or directory*" \
        "$(both "$proctor" run --cwd=/no/such true)"
check run_fails_as_proctor_without_a_command "125||proctor: say which command*" "$(both "$proctor" run)"
check run_fails_as_proctor_for_a_bad_option "125||proctor: there is no option '--nonsense'*" \
        "$(both "$proctor" run --nonsense true)"
check run_fails_as_proctor_for_a_bad_signal "125||proctor: *StopSignal*" \
        "$(both "$proctor" run --stop-signal=NONSENSE true)"
check run_fails_as_proctor_without_a_service "125||proctor: *" \
        "$(PROCTOR_DAEMON=/no/such both "$proctor" run true)"
check run_escapes_what_it_says "127||proctor: exec '/no/\\\\x1b\[31m': No such file or directory" \
        "$(both "$proctor" run $'/no/\033[31m')"
check run_json_is_on_standard_error '0|out|{*"ExitCode":0,"Result":"success"*}' \
        "$(both "$proctor" run --json echo out)"

# ---- run: what the program gets

check run_passes_standard_input 'text' "$(echo text | "$proctor" run cat)"
check run_passes_standard_output 'out' "$("$proctor" run sh -c 'echo out; echo err >&2' 2>/dev/null)"
check run_passes_standard_error 'err' "$("$proctor" run sh -c 'echo out; echo err >&2' 2>&1 >/dev/null)"
check run_with_standard_input_closed '' "$("$proctor" run cat 2>/dev/null <&-)"
check run_with_standard_output_closed 0 "$("$proctor" run true >&-; echo $?)"
check run_leaks_no_descriptor '0 1 2 3 ' "$("$proctor" run ls /proc/self/fd | tr '\n' ' ')"
check run_is_in_the_current_directory "$scratch" "$(cd "$scratch" && "$proctor" run pwd)"
check run_takes_a_relative_directory "$scratch/directory" \
        "$(cd "$scratch" && "$proctor" run --cwd=directory pwd)"
check run_finds_a_relative_program 'here' \
        "$(cd "$scratch" && printf '#!/bin/sh\necho here\n' >here && chmod 755 here && "$proctor" run ./here)"
check run_passes_the_environment 'one two' \
        "$(ONE=one "$proctor" run --env=TWO=two sh -c 'echo $ONE $TWO')"
check run_clears_the_environment 'ONE=one' "$(ONE=one "$proctor" run --clear-env -e ONE /usr/bin/env)"
check run_unsets_a_variable '' "$(ONE=one "$proctor" run -u ONE sh -c 'echo $ONE')"
check run_has_the_current_umask '0027' "$(umask 027; "$proctor" run bash -c umask)"
check run_without_a_limit_of_memory ran "$("$proctor" run --memory-max=infinity --tasks-max=unlimited echo ran)"
check run_refuses_no_memory "125||proctor: --memory-max=0: *" "$(both "$proctor" run --memory-max=0 true)"
check run_refuses_no_number "125||proctor: --tasks-max=many: *" "$(both "$proctor" run --tasks-max=many true)"
check run_refuses_a_weight_that_is_none "125||proctor: Option CPUWeight: expected 1 to 10000" \
        "$(both "$proctor" run --cpu-weight=10001 true)"
check run_sets_the_umask '0077' "$("$proctor" run --umask=077 bash -c umask)"
check run_sets_a_limit '64' "$("$proctor" run --rlimit=nofile=64 bash -c 'ulimit -n')"
check run_sets_a_limit_with_suffix '2097152' "$("$proctor" run --rlimit=AS=2G bash -c 'ulimit -v')"
check run_sets_the_priority '5' "$("$proctor" run --nice=5 nice)"
check run_is_its_own_session 'yes' \
        "$("$proctor" run bash -c '[[ $(cut -d" " -f6 /proc/$$/stat) == $$ ]] && echo yes')"

# ---- run: what is left

"$proctor" run sh -c 'setsid sleep 600 & echo $!' >"$scratch/left" 2>"$scratch/stderr"
check run_ends_what_is_left_behind yes "$(gone "$(cat "$scratch/left")" && echo yes)"
check run_says_what_was_left_behind "proctor: 'sh' left 1 task behind, which was ended" \
        "$(cat "$scratch/stderr")"
check run_lets_what_ends_by_itself_end "0||" "$(both "$proctor" run sh -c 'sleep 0.1 >/dev/null &')"
check run_refuses_to_leave_to_nobody "125||proctor: --kill-mode=process needs a bus*" \
        "$(both "$proctor" run --kill-mode=process true)"

begin "$proctor" run sh -c 'echo $$; exec sleep 600'
kill -KILL "$begun"
wait "$begun" 2>/dev/null
check run_killed_takes_the_program_along yes "$(eventually gone "$line" && echo yes)"

begin "$proctor" run sh -c 'echo $$; exec sleep 600'
kill -TERM "$begun"
check_end run_passes_sigterm 143
check run_says_nothing_of_a_signal_it_passed '' "$(cat "$scratch/stderr")"

begin "$proctor" run bash -c 'trap "echo usr1" USR1; echo ready; while :; do sleep 0.05; done'
kill -USR1 "$begun"
read -r -t 10 line <&9
check run_passes_sigusr1 usr1 "$line"
kill -HUP "$begun"
check_end run_passes_sighup 129

# as soon as it is ready: that it runs may not be known yet
begin "$proctor" run bash -c 'trap "echo int" INT; echo ready; sleep 600 & while :; do wait; done'
kill -INT "$begun"
read -r -t 10 line <&9
check run_passes_sigint int "$line"
kill -INT "$begun"
check_end run_forces_at_the_second_sigint 137

begin "$proctor" run sh -c 'echo $$; exec sleep 600'
kill -TSTP "$begun"
check run_stops_its_program yes "$(eventually in_state "$line" T && echo yes)"
check run_stops_itself yes "$(eventually in_state "$begun" T && echo yes)"
kill -CONT "$begun"
check run_continues_its_program yes "$(eventually in_state "$line" S && echo yes)"
kill -INT "$begun"
check_end run_goes_on_after_a_stop 130

begin bash -c 'trap "" HUP; exec "$0" run sh -c "echo \$\$; exec sleep 600"' "$proctor"
kill -HUP "$begun"
kill -TERM "$begun"
check_end run_keeps_ignoring_what_it_was_told_to 143

# ---- run: in a terminal

check terminal_ctrl_c_reaches_the_program '*=130' \
        "$(in_terminal '\003' "$proctor run sh -c 'echo ready; exec sleep 600'")"
check terminal_ctrl_backslash_reaches_the_program '*=131' \
        "$(in_terminal '\034' "$proctor run --rlimit=CORE=0 sh -c 'echo ready; exec sleep 600'")"
check terminal_can_be_read '*got:line*=0' \
        "$(in_terminal 'line\n' "$proctor run sh -c 'echo ready; read x; echo got:\$x'")"
check terminal_end_of_file_arrives '*=1' \
        "$(in_terminal '\004' "$proctor run sh -c 'echo ready; read x'")"
check terminal_knows_its_size '*24 80*' \
        "$(in_terminal '' "stty rows 24 cols 80; $proctor run sh -c 'stty size; echo ready'")"
check terminal_in_the_background_reads_nothing '*background:*=0' \
        "$(in_terminal '' "bash -ic '$proctor run sh -c \"read x; echo background:\\\$x; echo ready\" & wait'")"

# ---- a bus without a service

start_bus

check no_service_is_one_sentence_with_a_step "4||proctor: *; start it with 'systemctl --user start proctord', or use 'proctor run', which needs none" \
        "$(both "$proctor" ps)"
check no_service_for_wait_is_proctors_failure 125 "$(code "$proctor" wait 1)"
check no_system_bus_names_the_unit "4||proctor: *; start it with 'systemctl start proctord'*" \
        "$(DBUS_SYSTEM_BUS_ADDRESS=unix:path=/no/such both "$proctor" --system ps)"
check no_bus_is_no_service 4 "$(code "$proctor" ps --address=unix:path=/no/such)"

# ---- all other verbs

start_service

check ps_of_nothing_says_so "0||proctor: no process is running*" "$(both "$proctor" ps)"
check ps_of_nothing_is_an_empty_array '0|\[]|' "$(both "$proctor" ps --json)"

check start_says_id_and_pid "Started 'sleep' as 1 (PID [0-9]*)" "$("$proctor" start sleep 600)"
check start_quiet_says_the_id 2 "$("$proctor" -q start --name=web -- sleep 600)"
check start_json '{*"Id" : 3,*"PID" : [0-9]*,*"Name" : "web"*}' "$("$proctor" start --json -n web sleep 600)"
check start_not_found "127||proctor: exec '/no/such': No such file or directory" \
        "$(both "$proctor" start /no/such)"
check start_not_executable 126 "$(code "$proctor" start "$scratch/no-program")"
(cd "$scratch" && WHO=me "$proctor" start -q --stdout=out --stderr=err -- \
        sh -c 'echo $WHO; pwd; echo error >&2') >"$scratch/id"
short=$(cat "$scratch/id")
check wait_gives_the_result "'sh' ($short): success after *" "$("$proctor" wait "$short")"
check start_gives_environment_directory_and_streams "me $scratch error" \
        "$(tr '\n' ' ' <"$scratch/out")$(cat "$scratch/err")"

check ps_lists_what_runs '*ID*PID*NAME*STATE*COMMAND*web*running*sleep 600*' "$("$proctor" ps)"
check ps_leaves_out_what_finished 4 "$("$proctor" ps | wc -l)"
check ps_all_does_not '*finished*success*' "$("$proctor" ps --all)"
check ps_fits_the_terminal 64 "$(COLUMNS=64 "$proctor" ps --all | wc -L)"
check ps_marks_what_is_cut '*…*' "$(COLUMNS=64 "$proctor" ps --all)"
check ps_json '*"State" : "running"*"ExitCode" : null*"TimeoutUSec" : null*' "$("$proctor" ps --json)"
check ps_has_no_colour_in_a_pipe '' "$("$proctor" ps | grep $'\033')"
check ps_into_a_full_disk '1||proctor: cannot write the output: No space left on device' \
        "$("$proctor" ps 2>"$scratch/stderr" >/dev/full; echo "$?||$(cat "$scratch/stderr")")"
check ps_into_a_closed_pipe 1 "$("$proctor" ps --all 2>/dev/null | true; echo "${PIPESTATUS[0]}")"
check ps_in_a_terminal_has_colour '*?\[1m*' "$(script -qefc "$proctor ps" /dev/null </dev/null)"
check ps_respects_no_color '' "$(NO_COLOR=1 script -qefc "$proctor ps" /dev/null </dev/null | grep $'\033')"

check an_ambiguous_name_lists_candidates "2||proctor: the name 'web' stands for 2 processes; *2 (PID *3 (PID *" \
        "$(both "$proctor" status web)"
check an_unknown_name "3||proctor: there is no process named nobody; *" "$(both "$proctor" status nobody)"
check an_unknown_id "3||proctor: there is no process 999; *" "$(both "$proctor" stop 999)"
check an_unknown_pid "3||proctor: there is no process with PID 1; *" "$(both "$proctor" stop pid:1)"
check no_target_is_wrong_usage 2 "$(code "$proctor" stop)"
check all_and_targets_is_wrong_usage 2 "$(code "$proctor" stop --all 1)"

check status_tells_all "*'web' (2)*State: running for*PID: *Command: sleep 600*Health: not watched*Stop: SIGTERM*" \
        "$("$proctor" status 2)"
check status_json '*"LastActivitySource" : "start"*"NTasks" : 1*' "$("$proctor" status --json 2)"
check status_of_a_finished_one "*finished: success, after*" "$("$proctor" status "$short")"

check wait_times_out "124||proctor: 'sleep' (1) has not finished" "$(both "$proctor" wait --timeout=0 1)"
check wait_any_returns_the_first 0 "$(code "$proctor" wait --any 1 "$short")"
check wait_all_times_out 124 "$(code "$proctor" wait -t 0 1 "$short")"
"$proctor" start -q sh -c 'exit 3' >"$scratch/id"
check wait_returns_the_code 3 "$(code "$proctor" wait "$(cat "$scratch/id")")"
check wait_first_failure_does_not_wait_for_the_rest 3 "$(code "$proctor" wait --first-failure 1 "$(cat "$scratch/id")")"
check wait_for_all_returns_the_first_failure 3 "$(code "$proctor" wait "$short" "$(cat "$scratch/id")")"
check wait_json '\[*"ExitCode" : 3,*"Result" : "exit-code"*]' "$("$proctor" wait --json "$(cat "$scratch/id")")"

check logs_of_what_went_to_a_file "1||proctor: *" "$(both "$proctor" logs "$short")"
"$proctor" start -q -n talker sh -c 'echo out; echo err >&2; printf "\033[31m\n"' >"$scratch/id"
"$proctor" wait -q talker
check logs_shows_both_streams $'0|out\n*|err' "$(both "$proctor" logs talker)"
check logs_follows_to_the_end $'0|out\n*|err' "$(both "$proctor" logs -f talker)"
check logs_shows_one_stream '0|err|' "$(both "$proctor" logs --stderr talker)"
check logs_escapes_for_a_terminal '*\\x1b\[31m*' "$(script -qefc "$proctor logs talker" /dev/null </dev/null)"
check logs_copies_bytes_elsewhere $'*\033*' "$("$proctor" logs talker 2>/dev/null)"
"$proctor" start -q --timeout=1s --extra-buffer=0 -n chatty -- \
        sh -c 'for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 0.2; done' >/dev/null
check output_is_a_sign_of_life "0|'chatty' ([0-9]*): success after *|" "$(both "$proctor" wait chatty)"
check signal_arrives 0 "$(code "$proctor" signal KILL 3)"
check wait_after_a_signal 137 "$(code "$proctor" wait 3)"
check signal_of_a_finished_one_fails "1||proctor: *has finished*" "$(both "$proctor" signal HUP 3)"
check no_such_signal 1 "$(code "$proctor" signal NONSENSE 1)"
check a_name_means_the_one_that_runs "'web' (2): stopped SIGTERM after *" "$("$proctor" stop web)"
check stop_of_a_finished_one_is_harmless 0 "$(code "$proctor" stop 2)"
check stop_all_json '\[*"ExitCode" : -15,*"Result" : "stopped"*]' "$("$proctor" stop --all --json)"
check stop_all_of_nothing "0||proctor: no process was running" "$(both "$proctor" stop --all)"

"$proctor" start -q --name=$'naïve' -- sh -c $'exec sleep 600 # \033[31m\n‮' >"$scratch/id"
check ps_escapes '*naïve*\\x1b*\\n\\xe2\\x80\\xae*' "$("$proctor" ps)"
check json_escapes '*\\u001b*\\n\\u202e*' "$("$proctor" ps --json)"
check a_name_may_be_given_with_its_kind 0 "$(code "$proctor" stop name:naïve)"

check stats_count '*Started: 8, and 2 failed to start*' "$("$proctor" stats)"
check stats_json '*"Started" : 8*' "$("$proctor" stats --json)"
check watchdog_shows '*process-timeout*30s*' "$("$proctor" watchdog)"
check watchdog_sets 0 "$(code "$proctor" watchdog set check-interval=50ms auto-kill=no 'max-hang-time=1h 30min')"
check watchdog_was_set '*"CheckIntervalUSec" : 50000*"MaxHangTimeUSec" : 5400000000*"AutoKill" : false*' \
        "$("$proctor" watchdog show --json)"
check watchdog_refuses_an_unknown_key 2 "$(code "$proctor" watchdog set nonsense=1)"
check watchdog_refuses_what_is_out_of_range 1 "$(code "$proctor" watchdog set check-interval=0)"
check watchdog_stops '*"Active" : false*' "$("$proctor" watchdog stop --json)"
check watchdog_starts '*"Active" : true*' "$("$proctor" watchdog start --json)"
"$proctor" watchdog set auto-kill=yes

(
        cd "$scratch" || exit
        words=$("$proctor" start -q --stdin=null --stdout=null --stderr=./null -- sh -c 'cat; echo error >&2')
        "$proctor" wait -q "$words"
        cat null
        "$proctor" collect -q "$words"
        # a machine without a journal says so; none makes a file of that name
        "$proctor" start -q --stdout=journal -n talk true || echo "$? not here"
        "$proctor" wait -q talk && "$proctor" collect -q talk
        ls journal
) >"$scratch/words" 2>&1
check start_knows_words_for_streams "error*ls: cannot access 'journal'*" "$(cat "$scratch/words")"

check run_on_the_bus '5|here|' "$(both "$proctor" run --session sh -c 'echo here; exit 5')"
check run_on_the_bus_leaves_no_trace '' "$("$proctor" ps --all | grep here)"
check run_on_the_bus_hangs "124||proctor: 'sleep' gave no sign of life for *" \
        "$(both "$proctor" run --session --timeout=100ms --extra-buffer=0 sleep 600)"
check cpu_time_is_a_sign_of_life "124||proctor: 'sh' ran for longer than 1s 500ms and was ended by *" \
        "$(both "$proctor" run --session --timeout=200ms --extra-buffer=0 --activity=cpu \
                --max-runtime=1500ms sh -c 'while :; do :; done')"
check an_unknown_sign_of_life "125||proctor: *ActivitySources*" \
        "$(both "$proctor" run --timeout=1s --activity=nonsense true)"
check run_on_the_bus_only_says_that_it_hangs "137||proctor: 'sleep' hangs: no sign of life*proctor: 'sleep' gave no sign*SIGKILL" \
        "$(both "$proctor" run --session --timeout=100ms --extra-buffer=0 --no-auto-kill --max-hang=400ms sleep 600)"
check run_can_leave_what_is_left 0 \
        "$(code "$proctor" run --session --kill-mode=process sh -c 'sleep 600 >/dev/null 2>&1 & echo $!')"
begin "$proctor" run --session sh -c 'echo $$; exec sleep 600'
kill -KILL "$begun"
wait "$begun" 2>/dev/null
check run_on_the_bus_killed_takes_the_program_along yes "$(eventually gone "$line" && echo yes)"

check collect_one 'Forgot 1 finished process' "$("$proctor" collect "$short")"
check collect_is_forgotten 3 "$(code "$proctor" status "$short")"
check collect_all 'Forgot [1-9]* finished processes' "$("$proctor" collect --all)"
check version_of_the_service '*service [0-9]*' "$("$proctor" version --session)"
check the_system_bus_is_another_one 0 \
        "$(DBUS_SYSTEM_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS code env -u DBUS_SESSION_BUS_ADDRESS "$proctor" --system ps)"
check one_bus_is_enough "2||proctor: only one of --session, --system, --address and --host*" \
        "$(both "$proctor" ps --system --session)"
check the_address_works_as_well 0 "$(code "$proctor" ps --address="$DBUS_SESSION_BUS_ADDRESS")"

for verb in run start ps status logs wait stop signal stats watchdog collect version help; do
        check "help_of_$verb" "Usage: proctor $verb*Exit codes:*" "$("$proctor" "$verb" --help)"
        check "help_of_${verb}_fits" '' "$("$proctor" help "$verb" | awk 'length > 80')"
done

conclude test-cli 150

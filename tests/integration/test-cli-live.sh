#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The verbs of the tool that show what goes on: logs, the last lines in status, top, monitor.
#
#   test-cli-live.sh PROCTOR PROCTORD HELPER-DESKTOP
set -u

helper_desktop=$(realpath "$3")

. "$(dirname "$0")/tool-util.sh"

start_bus
start_service

# ---- logs

"$proctor" start -q -n talker sh -c 'echo out; echo err >&2; printf "\033[31m\n"' >/dev/null
"$proctor" wait -q talker
check logs_follows_one_stream '0|err|' "$(both "$proctor" logs -f --stderr talker)"
check logs_refuses_both_alone 2 "$(code "$proctor" logs --stderr --stdout talker)"
"$proctor" start -q -n lines sh -c 'for i in 1 2 3 4 5; do echo line $i; done; printf "line 6"' >/dev/null
"$proctor" wait -q lines
check logs_shows_the_last_lines $'0|line 5\nline 6|' "$(both "$proctor" logs -n 2 lines)"
check logs_shows_all_of_fewer_lines '0|line 1*line 6|' "$(both "$proctor" logs --lines=99 lines)"
check logs_shows_no_line '0||' "$(both "$proctor" logs --lines=0 lines)"
check logs_follows_from_the_last_lines_on '0|line 6|' "$(both "$proctor" logs -f -n 1 lines)"
check logs_refuses_what_is_no_number "2||proctor: --lines: 'few' is no number*" \
        "$(both "$proctor" logs --lines=few lines)"
"$proctor" start -q -n half --stdout=null -- sh -c 'echo err >&2' >/dev/null
"$proctor" wait -q half
check logs_leaves_out_what_is_not_captured '0||err' "$(both "$proctor" logs half)"
check logs_says_what_is_not_captured '1||proctor: *' "$(both "$proctor" logs --stdout half)"

mkfifo "$scratch/more"
"$proctor" start -q -n fed sh -c 'echo one; echo two; exec cat "$0"' "$scratch/more" >/dev/null
exec 7>"$scratch/more"
begin "$proctor" logs -f -n 1 fed 7>&-
check logs_begins_with_what_is_kept two "$line"
echo three >&7
read -r -t 10 line <&9
check logs_goes_on_with_what_comes three "$line"
exec 7>&-
check_end logs_ends_with_the_process 0

# ---- status

check status_shows_the_last_lines $'*\n\nLast lines of standard output:\n  line 5\n  line 6' \
        "$("$proctor" status --lines 2 lines)"
check status_shows_no_line_if_told_so '' "$("$proctor" status --lines 0 lines | grep Last)"
"$proctor" start -q -n sleeper sleep 600 >/dev/null
check status_shows_no_output_where_there_is_none '' "$("$proctor" status sleeper | grep Last)"
check status_escapes_the_last_lines '*\\x1b\[31m*' "$("$proctor" status talker)"
check status_json_has_the_last_lines '*"LastOutput" : {*"stdout" : \[*"line 6"*"stderr" : \[]*' \
        "$("$proctor" status --json lines)"
"$proctor" start -q -n broken sh -c 'echo why >&2; exit 3' >"$scratch/id"
check wait_names_where_to_read_why "3|'broken' *: exit-code 3 after *|proctor: 'proctor status [0-9]*' shows its last output" \
        "$(both "$proctor" wait broken)"
check wait_quiet_does_not '3||' "$(both "$proctor" wait -q broken)"

on_terminal="$(dirname "$0")/on-terminal.py"

# ---- the pager, and the line on long waits

terminal() {
        "$on_terminal" "$@" 2>&1
}
paged() {
        PROCTOR_PAGER="sed s/^/paged:/" terminal "$@"
}
check ps_is_paged 'code=0*' "$(paged 24x80 see=paged: end -- "$proctor" ps --all)"
check status_is_paged 'code=0*' "$(paged 24x80 see=paged: end -- "$proctor" status sleeper)"
check help_is_paged 'code=0*' "$(paged 24x80 see=paged: end -- "$proctor" help)"
PROCTOR_PAGER="tee $scratch/paged" terminal 24x80 end -- "$proctor" ps --all --no-pager >/dev/null
PROCTOR_PAGER="tee $scratch/paged" terminal 24x80 end -- "$proctor" ps --all --json >/dev/null
PROCTOR_PAGER="tee $scratch/paged" "$proctor" ps --all >/dev/null
check no_pager_if_told_so_or_not_for_people no "$([ -e "$scratch/paged" ] && echo yes || echo no)"
check a_pager_that_is_left_is_no_failure 'code=0*' \
        "$(PROCTOR_PAGER="head -n 1" terminal 24x80 see=NAME end -- "$proctor" ps --all)"
check a_pager_that_is_not_there_is_none 'code=0*' \
        "$(PROCTOR_PAGER=/no/such/pager terminal 24x80 see=NAME end -- "$proctor" ps --all)"
# it ends when the line was seen
"$proctor" start -q -n later -- sh -c 'until [ -e "$0" ]; do sleep 0.05; done' "$scratch/later" >/dev/null
check wait_says_what_it_waits_for 'code=0*' \
        "$(terminal 24x80 "see=Waiting for 'later'" "see=Waiting for 'later'" type='\r' see=success end -- \
                sh -c '"$0" wait later & read -r _; : >"$1"; wait $!' "$proctor" "$scratch/later")"
"$proctor" start -q -n later2 sleep 1.5 >/dev/null
check wait_says_nothing_if_told_so '0||' "$(both "$proctor" wait -q later2)"

# ---- monitor

# event PATTERN: the next line that begin() reads from
event() {
        line=
        read -r -t 10 line <&9
        check "$1" "$2" "$line"
}

"$proctor" watchdog set check-interval=20ms
begin "$proctor" monitor --json
check monitor_says_from_when_on '{"Event":"listening","Timestamp":[1-9]*}' "$line"
"$proctor" start -q -n short sh -c 'exit 3' >/dev/null
event monitor_tells_a_start '{"Event":"started","Timestamp":[0-9]*,"Id":[0-9]*,"PID":[0-9]*,"Name":"short","Command":\["sh","-c","exit 3"]}'
event monitor_tells_an_end '{"Event":"exited",*"Name":"short","ExitCode":3,"Result":"exit-code"}'
"$proctor" collect -q short
event monitor_tells_what_is_forgotten '{"Event":"removed",*"Name":"short"}'
"$proctor" start -q -n mute --no-auto-kill --timeout=100ms --extra-buffer=1s -- \
        sh -c 'read x <"$0"; echo; exec sleep 600' "$scratch/more" >/dev/null
event monitor_tells_another_start '{"Event":"started",*"Name":"mute",*}'
event monitor_tells_who_is_slow '{"Event":"slow",*"Name":"mute"}'
event monitor_tells_who_hangs '{"Event":"hung",*"Name":"mute","IdleUSec":[0-9]*,"Evidence":"start","Action":"none"}'
echo >"$scratch/more"
event monitor_tells_who_is_back '{"Event":"active",*"Name":"mute"}'
"$proctor" stop -qf mute
while [[ $line != *exited* ]] && read -r -t 10 line <&9; do :; done
check monitor_tells_who_was_stopped '{"Event":"exited",*"Name":"mute","ExitCode":-9,"Result":"stopped"}' "$line"
busctl --user -- call org.proctor1 /org/proctor1 org.proctor1.Manager StartProcess 'asa{sv}' \
        3 sh -c 'systemd-notify --ready --status="warm"; exec sleep 600' \
        2 Name s shy Readiness s notify >/dev/null
event monitor_tells_a_start_that_waits '{"Event":"started",*"Name":"shy",*}'
event monitor_tells_who_is_ready '{"Event":"ready",*"Name":"shy","StatusText":"warm"}'
kill -INT "$begun"
check_end monitor_ends_in_order_by_sigint 0

begin "$proctor" monitor --json wanted
"$proctor" start -q -n other true >/dev/null
"$proctor" start -q -n wanted true >/dev/null
event monitor_shows_those_that_were_named '{"Event":"started",*"Name":"wanted",*}'
kill -TERM "$begun"
check_end monitor_says_which_signal_ended_it 143

begin "$proctor" monitor --json
exec 9<&-
check_end monitor_ends_with_its_reader 0

"$helper_desktop" >"$scratch/desktop" &
pids+=("$!")
eventually grep -q ready "$scratch/desktop"
"$proctor" monitor --notify mute2 >"$scratch/text" 2>"$scratch/stderr" &
begun=$!
pids+=("$begun")
check monitor_says_that_it_waits yes "$(eventually grep -q 'waiting for events' "$scratch/stderr" && echo yes)"
"$proctor" start -q -n mute2 --timeout=100ms --extra-buffer=0 sleep 600 >/dev/null
check monitor_shows_it_on_the_desktop yes \
        "$(eventually grep -q "^proctor: 'mute2' ([0-9]*) failed: hang SIGTERM" "$scratch/desktop" && echo yes)"
check monitor_escapes_markup "proctor: 'mute2' ([0-9]*) hangs: no sign of life for * (the last: start), is ended" \
        "$(grep hangs "$scratch/desktop")"
check monitor_shows_people_a_line "[0-9]*:[0-9]*:[0-9]*  started   'mute2' ([0-9]*)  PID [0-9]*: sleep 600*exited    'mute2' ([0-9]*)  hang SIGTERM*" \
        "$(cat "$scratch/text")"
kill -TERM "$begun"
wait "$begun" 2>/dev/null

# ---- top

"$proctor" stop -qf shy
check top_prints_one_table 2 "$("$proctor" top -i 100ms sleeper | wc -l)"
check top_shows_what_it_should 'ID*PID*NAME*STATE*HEALTH*IDLE*CPU%*MEMORY*OUTPUT*COMMAND*sleeper  running  -*sleep 600' \
        "$("$proctor" top -i 100ms sleeper)"
"$proctor" start -q -n busy -- sh -c 'while :; do :; done' >/dev/null
"$proctor" start -q -n chatty -- sh -c 'while :; do echo word; sleep 0.01; done' >/dev/null
"$proctor" start -q -n idler --timeout=10ms --extra-buffer=1h -- sleep 600 >/dev/null
check top_tells_who_is_slow '*idler*slow*' "$("$proctor" top -i 100ms --sort=health | sed -n 2p)"
check top_sorts_by_name "busy chatty idler sleeper " "$("$proctor" top -i 100ms --sort=name | awk 'NR > 1 {printf "%s ", $3}')"
check top_sorts_the_other_way_around "sleeper idler chatty busy " \
        "$("$proctor" top -i 100ms --sort=name -r | awk 'NR > 1 {printf "%s ", $3}')"
# first SORT PATTERN: whether the first line matches
first() {
        [[ $("$proctor" top --sort="$1" | sed -n 2p) == $2 ]]
}
check top_sorts_by_output yes "$(eventually first output '*chatty*/s*' && echo yes)"
check top_sorts_by_cpu yes "$(eventually first cpu '*busy*running*s *[1-9]*.*iB*' && echo yes)"
check top_goes_on_as_often_as_told 5 "$("$proctor" top -b -n 2 -i 100ms sleeper | wc -l)"
check top_json_is_an_object_a_refresh 2 "$("$proctor" top --json -n 2 -i 100ms | grep -c '^{"Timestamp":.*}$')"
check top_json '{"Timestamp":[0-9]*,"Processes":\[{"Id":[0-9]*,"PID":[0-9]*,"Name":"busy","State":"running","Health":"active","Watched":false,"IdleUSec":[0-9]*,"CPUPercent":[0-9]*,"MemoryCurrent":[1-9]*,"NTasks":1,"OutputBytesPerSecond":0,"Command":\["sh","-c","while :; do :; done"]}]}' \
        "$("$proctor" top -i 100ms --json busy)"
check top_fits_its_width yes "$([[ $(COLUMNS=60 "$proctor" top -i 100ms | wc -L) -le 60 ]] && echo yes)"
check top_leaves_out_what_does_not_fit 'ID  NAME *HEALTH *IDLE *CPU% *MEMORY' "$(COLUMNS=50 "$proctor" top -i 100ms | head -n 1)"
check top_refuses_an_unknown_key "2||proctor: there is no sort key 'x'*" "$(both "$proctor" top -i 100ms --sort=x)"
check top_refuses_a_silly_interval 2 "$(code "$proctor" top --interval=0)"
check top_refuses_no_refresh_at_all 2 "$(code "$proctor" top -n 0)"
begin "$proctor" top --batch -i 100ms
exec 9<&-
check_end top_ends_with_its_reader 0
begin "$proctor" top --batch -i 100ms
kill -INT "$begun"
check_end top_ends_by_sigint 0

restored='entered=1 left=1 restored=yes widest=*'
check top_on_a_terminal_ends_by_q "code=0 $restored" \
        "$("$on_terminal" 24x80 see=chatty type=q end -- "$proctor" top -i 100ms)"
check top_on_a_terminal_takes_keys "code=0 $restored" \
        "$("$on_terminal" 24x80 see='by cpu' type=s see='by memory' type='\x1b[D\x1b[D' see='by id' \
                type='\x1bOC' see='by cpu' type=r see='by cpu reversed' type=q end -- "$proctor" top -i 1h)"
check top_on_a_terminal_scrolls "code=0 $restored" \
        "$("$on_terminal" 4x80 see=busy see=chatty type='\x1b[6~' see=idler see=sleeper type='\x1b[A' \
                see=chatty type=q end -- "$proctor" top --sort=name -i 1h)"
check top_on_a_terminal_fits_its_width "code=0 * widest=60" \
        "$("$on_terminal" 10x60 see=chatty type=q end -- "$proctor" top -i 1h)"
check top_on_a_terminal_follows_its_width "code=0 * widest=70" \
        "$("$on_terminal" 10x50 see=chatty size=10x70 see=STATE type=q end -- "$proctor" top -i 1h)"
check top_on_a_terminal_ends_by_ctrl_c "code=0 $restored" \
        "$("$on_terminal" 24x80 see=chatty type='\x03' end -- "$proctor" top -i 100ms)"
check top_on_a_terminal_ends_by_sigterm "code=143 $restored" \
        "$("$on_terminal" 24x80 see=chatty signal=TERM end -- "$proctor" top -i 100ms)"
check top_on_a_terminal_is_suspended "code=0 entered=2 left=2 restored=yes *" \
        "$("$on_terminal" 24x80 see=chatty type='\x1a' stopped see='?1049l' signal=CONT see='?1049h' \
                see=chatty type=q end -- "$proctor" top -i 100ms)"
check top_on_a_dumb_terminal_prints "code=0 entered=0 left=0 restored=yes *" \
        "$(TERM=dumb "$on_terminal" 24x80 see=chatty end -- "$proctor" top -i 100ms -n 1)"

begin "$proctor" monitor --json
check top_on_a_terminal_ends_with_the_service "code=4 $restored" \
        "$("$on_terminal" 24x80 see=chatty do="kill -KILL $service" end -- "$proctor" top)"
check_end monitor_ends_with_the_service 4
check monitor_says_that_the_service_has_gone 'proctor: the service has gone' "$(cat "$scratch/stderr")"

for verb in logs status top monitor; do
        check "help_of_$verb" "Usage: proctor $verb*Exit codes:*" "$("$proctor" "$verb" --help)"
done
check help_fits '' "$(for topic in logs status top monitor json; do "$proctor" help $topic; done | awk 'length > 80')"

check help_as_data_has_every_verb "$("$proctor" help | awk '/^Verbs:/ {on = 1; next} /^$/ {on = 0} on {printf "%s ", $1}')" \
        "$("$proctor" help --json | python3 -c 'import json, sys; print(*(v["Name"] for v in json.load(sys.stdin)["Verbs"] if " " not in v["Name"]), "")')"
check help_as_data_of_a_verb '{*"Name" : "top"*"Name" : "interval"*"Letter" : "i"*"Value" : "TIME"*}' "$("$proctor" help top --json)"
check help_as_data_of_nothing 2 "$(code "$proctor" help nonsense --json)"

conclude test-cli-live 70

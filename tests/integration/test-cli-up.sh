#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# proctor up: what is read from the file, what is shown, how it ends, and that nothing is left in any
# way out.
#
#   test-cli-up.sh PROCTOR PROCTORD
set -u

. "$(dirname "$0")/tool-util.sh"

on_terminal="$(realpath "$(dirname "$0")/on-terminal.py")"
cd "$scratch" || exit 1

# group LINE...: writes the file; up OPTION...: runs it
group() {
        printf '%s\n' "$@" >site.group
}
up() {
        timeout -s KILL 60 "$proctor" up "$@" site.group
}
# marked: PIDs of what this test's groups have started
marked() {
        pgrep -f "^sleep $mark\$"
}
mark=$((100000000 + $$))
no_more() {
        ! marked
}

# ---- the file

bad() {
        local name=$1 expected=$2
        shift 2
        group "$@"
        check "$name" "125||proctor: site.group: $expected" "$(both up)"
        check "${name}_if_checked" "125||proctor: site.group: $expected" "$(both up --check)"
}
bad an_unknown_section '\[Nonsense\]: there is no such section; *' '[Nonsense]' 'Name=x'
bad an_unknown_key '\[Member a\] Nonsense: there is no such key' '[Member a]' 'Command=true' 'Nonsense=1'
bad an_unknown_group_key '\[Group\] Nonsense: there is no such key' '[Group]' 'Nonsense=1' '[Member a]' 'Command=true'
bad no_command '\[Member a\] Command: it is missing' '[Member a]'
bad an_empty_command '\[Member a\] Command: there is no program in it' '[Member a]' 'Command='
bad open_quotes '\[Member a\] Command: the quotes do not match' '[Member a]' "Command=echo 'x"
bad no_time "\[Member a\] Timeout: 'soon' is no time; *" '[Member a]' 'Command=true' 'Timeout=soon'
bad no_bool "\[Member a\] AutoKill: 'maybe': expected yes or no" '[Member a]' 'Command=true' 'AutoKill=maybe'
bad no_assignment "\[Member a\] Environment: 'X': *" '[Member a]' 'Command=true' 'Environment=X'
for key in MemoryMax TasksMax CPUWeight; do
        bad "no_$key" "\[Member a\] $key: '0': *" '[Member a]' 'Command=true' "$key=0"
done
bad no_mask "\[Member a\] Umask: '9': *" '[Member a]' 'Command=true' 'Umask=9'
bad no_signal '\[Member a\]: *StopSignal*' '[Member a]' 'Command=true' 'StopSignal=NONSENSE'
bad no_source '\[Member a\]: *ActivitySources*' '[Member a]' 'Command=true' 'ActivitySources=nonsense'
bad no_rule "\[Group\] OnMemberFailure: 'x': *" '[Group]' 'OnMemberFailure=x' '[Member a]' 'Command=true'
bad no_key_member '\[Group\] KeyMember: there is no section \[Member b\]' '[Group]' 'KeyMember=b' '[Member a]' 'Command=true'
bad no_member 'there is no member in it; *' '[Group]' 'Name=x'
bad no_name '*there is no such section; *' '[Member]' 'Command=true'
bad a_key_twice 'line 3: \[Member a\] Command is there twice' '[Member a]' 'Command=true' 'Command = false'
bad a_section_twice 'line 3: \[Member a\] is there twice' '[Member a]' 'Command=true' '[Member a]'
bad no_key_file 'Key file contains line*' 'x'
bad no_text 'it is not UTF-8 text' $'[Member \xff]'
check no_file "125||proctor: *'*none*'*No such file*" "$(both "$proctor" up none | tr '“”' "''")"
check no_operand '125||proctor: name one file; *' "$(both "$proctor" up)"
check no_other_machine '125||proctor: *another machine*' "$(both "$proctor" up --host=x site.group)"

group '# a comment' '[Member a]' 'Command=sh -c "echo ran"'
check check_starts_nothing '0|site.group: good, 1 member|' "$(both up --check)"
check check_quiet '0||' "$(both up --check -q)"

mkdir -p sub/dir
group '[Member a]' "Command=sh -c 'echo \"\$ONE \$TWO\$HOME\"; pwd; umask; nice; printf \"a\\\\nb\\\\n\"'" \
        'Environment=ONE=1 "TWO=2 3"' 'UnsetEnvironment=HOME' 'WorkingDirectory=dir' 'Umask=027' 'Nice=3'
mv site.group sub
check members_have_their_settings "0|a | 1 2 3
a | $scratch/sub/dir
a | 0027
a | 3
a | a
a | b|proctor: 'a' ended: success" "$(both "$proctor" up sub/site.group)"
group '[Member a]' 'Command=/usr/bin/env' 'ClearEnvironment=yes' 'Environment=X=1'
check members_begin_with_nothing '*a | X=1*' "$(WHO=me up)"
check members_begin_with_nothing_of_ours '' "$(WHO=me up 2>/dev/null | grep WHO)"
group '[Member a]' 'Command=printenv WHO'
check members_have_our_environment 'a | me' "$(WHO=me up -q)"

# ---- what is shown

group '[Member web]' "Command=sh -c 'echo out; echo err >&2'" '[Member database]' 'Command=sh -c "printf end"'
check streams_go_where_ours_go '0|*|*web      ! err*' "$(both up)"
check names_are_as_wide_as_the_widest 'database | end web      | out ' "$(up -q 2>/dev/null | sort | tr '\n' ' ')"
check quiet_says_nothing 'web      ! err' "$(up -q 2>&1 >/dev/null)"
check json '*{"Event":"output","Member":"web","Stream":"stderr","Text":"err"}*{"Event":"exited",*"ExitCode":0,"Result":"success"}*{"Event":"finished","ExitCode":0,"Result":"success"}' \
        "$(up --json)"
check colours_on_a_terminal '*[36mweb      |*[31m!*' "$(script -qefc "$proctor up site.group" /dev/null </dev/null)"
check no_colours_without '' "$(NO_COLOR=1 script -qefc "$proctor up site.group" /dev/null </dev/null | grep $'\033')"
check no_colours_in_a_pipe '' "$(up 2>&1 | grep $'\033')"
group '[Member a]' "Command=printf '\\033[31m\\000\\377\\tx\\r\\n'"
check a_terminal_gets_no_bytes '*a |*\\x1b\[31m\\x00\\xff	x*' "$(NO_COLOR=1 script -qefc "$proctor up site.group" /dev/null </dev/null)"
check a_file_gets_the_bytes "$(printf 'a | \033[31m\000\377\tx\r\n' | cksum)" "$(up -q | cksum)"
group '[Member a]' "Command=sh -c 'head -c 20000 /dev/zero | tr \\\\\\\\0 x'"
check long_lines_are_broken '8196 8196 3620 ' "$(up -q | awk '{printf "%s ", length($0)}')"
group '[Member a]' 'Command=head -c 1000000 /dev/urandom' '[Member b]' 'Command=sh -c "seq 200000"'
check nothing_is_lost "$(seq 200000 | cksum)" "$(up -q | LC_ALL=C sed -n 's/^b | \([0-9]*\)$/\1/p' | cksum)"

# ---- what it returns

group '[Member a]' 'Command=true' '[Member b]' "Command=sh -c 'exit 3'"
check the_code_of_the_failure 3 "$(code up)"
group '[Group]' 'KeyMember=main' '[Member main]' "Command=sh -c 'sleep 0.1; exit 4'" \
        '[Member other]' "Command=sh -c 'exit 3'" '[Member long]' "Command=sleep $mark"
check the_code_of_the_key_member 4 "$(code up)"
check its_end_ends_the_rest no "$(marked >/dev/null && echo yes || echo no)"
group '[Group]' 'OnMemberFailure=stop-all' '[Member a]' "Command=sh -c 'exit 5'" '[Member b]' "Command=sleep $mark"
check a_failure_stops_all "5||*'b' ended: stopped SIGTERM" "$(both up)"
group '[Member a]' 'Command=/no/such' '[Member b]' "Command=sh -c 'sleep 0.1; echo ran'"
check what_cannot_be_started "127|b | ran|proctor: 'a' was not started: exec '/no/such': No such file or directory
proctor: 'b' ended: success" "$(both up)"
check what_cannot_be_started_json '*{"Event":"failed","Member":"a","Error":"exec *}*{"Event":"finished","ExitCode":0,"Result":"start-failed"}' \
        "$(up --json 2>/dev/null)"
group '[Group]' 'OnMemberFailure=stop-all' '[Member a]' 'Command=/no/such' '[Member b]' "Command=sleep $mark"
check it_stops_all_if_told_so 127 "$(code up)"
group '[Group]' 'KeyMember=a' '[Member b]' "Command=sleep $mark" '[Member a]' "Command=$scratch/sub"
check a_key_member_that_cannot_be_started 126 "$(code up)"
group '[Group]' 'MaxParallel=1' '[Member a]' 'Command=sh -c "sleep 0.1; echo one"' '[Member b]' 'Command=echo two'
check one_after_the_other $'a | one\nb | two' "$(up -q)"
group '[Member a]' 'Command=sleep 600' 'Timeout=100ms' 'ExtraBuffer=0'
check a_hang "124||proctor: 'a' hangs: no sign of life for *; it is ended
proctor: 'a' ended: hang SIGTERM" "$(both up)"
group '[Member a]' 'Command=sleep 600' 'RuntimeMax=100ms'
check a_time_limit 124 "$(code up)"
group '[Group]' 'MaxParallel=1' '[Member first]' 'Command=sleep 0.1' '[Member chatty]' \
        "Command=sh -c 'for i in 1 2 3 4 5 6 7 8; do echo \$i; sleep 0.2; done'" 'Timeout=600ms' 'ExtraBuffer=0'
check output_is_a_sign_of_life 0 "$(code up)"
printf 'ActivitySources=report\n' >>site.group
check output_is_none_if_told_so 124 "$(code up)"
group '[Member a]' "Command=sh -c 'sleep $mark & setsid sleep $mark & echo done'"
check what_is_left_behind_is_ended "0|a | done|*" "$(both up)"
check nothing_is_left '' "$(marked)"

# ---- ways out

group '[Member a]' "Command=sh -c 'echo ready; sleep $mark'" '[Member b]' "Command=sleep $mark"
for signal in INT TERM HUP QUIT; do
        begin "$proctor" up site.group
        kill -s $signal "$begun"
        check_end "end_by_sig$signal" $((128 + $(kill -l $signal)))
        check "end_by_sig${signal}_leaves_nothing" '' "$(marked)"
done
group '[Member a]' "Command=sh -c 'trap \"\" INT TERM; setsid sleep $mark & echo ready; while :; do sleep $mark; done'" \
        'StopTimeout=infinity'
check the_second_ctrl_c_forces 'code=130 *' "$("$on_terminal" 24x80 see=ready type='\x03' see='by force' type='\x03' end \
        -- "$proctor" up site.group)"
check force_leaves_nothing '' "$(marked)"
group '[Member a]' "Command=sh -c 'echo ready; sleep $mark & exec sleep $mark'" '[Member b]' "Command=sleep $mark"
begin "$proctor" up site.group
kill -KILL "$begun"
wait "$begun" 2>/dev/null
check killed_leaves_nothing yes "$(eventually no_more && echo yes)"
group '[Member a]' 'Command=yes' '[Member b]' "Command=sleep $mark"
check a_reader_that_goes '125 ' "$(up 2>/dev/null | head -n 2 >/dev/null; echo "${PIPESTATUS[0]} $(marked)")"
check a_full_disk "125 proctor: cannot write the output: No space left on device " \
        "$(up -q 2>stderr >/dev/full; echo "$? $(cat stderr) $(marked)")"
check a_terminal_that_is_held_up 'code=130 *' "$("$on_terminal" 24x80 see=' y' type='\x13' signal=INT type='\x11' end \
        -- "$proctor" up site.group)"
group '[Member a]' "Command=sh -c 'trap \"echo got it; exit 6\" USR1; echo ready; while :; do sleep 0.05; done'"
begin "$proctor" up site.group
kill -USR1 "$begun"
check_end signals_are_passed_on 6
group '[Member a]' "Command=sh -c 'i=0; while sleep 0.1; do i=\$((i + 1)); echo n\$i; done'"
check ctrl_z_stops_all 'code=130 *' "$("$on_terminal" 24x80 see=n1 type='\x1a' stopped signal=CONT see=n3 type='\x03' end \
        -- "$proctor" up site.group)"
check no_service '125||proctor: *; the environment variable PROCTOR_DAEMON can name it' \
        "$(PROCTOR_DAEMON=/no/such both up)"

# ---- on a bus

start_bus
start_service
group '[Group]' 'Name=crew' '[Member a]' "Command=sh -c 'echo ready; pwd; sleep $mark'" '[Member b]' "Command=sleep $mark"
begin "$proctor" up --session site.group
check on_a_bus_the_group_is_seen '*crew *running *2/2*' "$("$proctor" group list)"
check on_a_bus_a_name_is_taken "125||proctor: There is a group 'crew' already; *" "$(both up --session)"
"$proctor" group stop -q crew
check_end on_a_bus_anybody_can_stop_it 143
check on_a_bus_it_leaves_no_group '[]' "$("$proctor" group list --json | tr -d ' \n')"
check on_a_bus_it_leaves_no_process '[]' "$("$proctor" ps --all --json | tr -d ' \n')"
group '[Group]' 'Name=crew' 'MaxParallel=1' '[Member a]' "Command=sh -c 'echo ready; sleep $mark'" '[Member b]' "Command=sleep $mark"
begin "$proctor" up --session site.group
kill -KILL "$begun"
wait "$begun" 2>/dev/null
"$proctor" group wait -q -t 10 crew
check on_a_bus_killed_leaves_nothing yes "$(eventually no_more && echo yes)"
group '[Member a]' "Command=sh -c 'echo ready; sleep $mark'"
begin "$proctor" up --session site.group
kill -KILL "$service"
wait "$begun" 2>/dev/null
check the_service_goes '125 proctor: *' "$? $(grep -v ended "$scratch/stderr")"

check help_of_up 'Usage: proctor up*Exit codes:*' "$("$proctor" up --help)"
check help_fits '' "$(for topic in up json exit-codes; do "$proctor" help $topic; done | awk 'length > 80')"

conclude test-cli-up 100

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The verbs of the tool about groups, with a service on a bus of the test's own.
#
#   test-cli-group.sh PROCTOR PROCTORD
set -u

. "$(dirname "$0")/tool-util.sh"

start_bus
start_service

check list_of_nothing "0||proctor: there are no groups; *" "$(both "$proctor" group list)"
check create_says_nothing '0||' "$(both "$proctor" group create site)"
check create_refuses_a_name_that_is_taken "1||proctor: *'site'*" "$(both "$proctor" group create site)"
check create_refuses_an_unknown_rule '2||proctor: --on-failure=nonsense: *' \
        "$(both "$proctor" group create --on-failure=nonsense x)"
check create_refuses_two_names 2 "$(code "$proctor" group create a b)"
check create_json '{*"Name" : "job"*"State" : "idle"*"ExitCode" : null*"Result" : null*"OnMemberFailure" : "stop-all"*"MaxParallel" : 1*"KeyMember" : "main"*}' \
        "$("$proctor" group create --json --on-failure=stop-all --max-parallel=1 --key-member=main job)"

check wait_of_what_was_never_started "125||proctor: group 'site' was never started; *" \
        "$(both "$proctor" group wait site)"
check start_of_nothing "0||proctor: there was no member to start" "$(both "$proctor" group start site)"
check add_before_the_names '0||' \
        "$(cd "$scratch" && both "$proctor" group add --env=WHO=you site web -- sh -c 'echo $WHO; pwd; exit 3')"
check add_after_the_names '0||' \
        "$(both "$proctor" group add site db --stdout="$scratch/out" --cwd=/ -- sh -c 'pwd')"
check add_options_end_with_the_command '0||' "$(both "$proctor" group add site sleeper sleep 0.1)"
check add_refuses_a_name_that_is_taken "1||proctor: *'web'*" "$(both "$proctor" group add site web true)"
check add_refuses_a_bad_option "1||proctor: *StopSignal*" \
        "$(both "$proctor" group add site x --stop-signal=NONSENSE true)"
check add_without_a_command 2 "$(code "$proctor" group add site x)"
check add_without_a_name 2 "$(code "$proctor" group add site)"
check add_to_no_group "3||proctor: *'nobody'*; 'proctor group list' *" "$(both "$proctor" group add nobody x true)"
check status_before_the_start "'site': idle*MEMBER*web *added *-*db *added*sleeper *added*" \
        "$("$proctor" group status site)"

check start_tells_who_runs "0|Started 'db' as 2 (PID [0-9]*) Started 'sleeper' as 3 (PID [0-9]*) Started 'web' as 1 (PID [0-9]*)|" \
        "$(both eval '"$proctor" group start site | sort | paste -sd " "')"
check wait_gives_the_code_of_the_failure "3|*'web': exit-code 3*|" "$(both "$proctor" group wait site)"
check wait_json '\[*"Member" : "web",*"ExitCode" : 3,*"Result" : "exit-code"*"Member" : "db"*]' \
        "$("$proctor" group wait --json site)"
check wait_quiet '3||' "$(both "$proctor" group wait -q site)"
check status_after_the_end "'site': finished, exit-code 3 of 'web'*web *finished * 1 *exit-code 3*sh -c *db *success*" \
        "$("$proctor" group status site)"
check a_member_has_its_options "you $scratch /" "$(echo $("$proctor" logs 1) $(cat "$scratch/out"))"
check status_of_a_member_says_its_group "*Group: site (1)*" "$("$proctor" status 1)"
check json_of_a_member_says_its_group '*"Group" : 1,*"KillMode" : "tree"*' "$("$proctor" status --json 1)"
"$proctor" start -q -n lone --kill-mode=process sleep 600 >/dev/null
check status_says_the_kill_mode_that_is_not_usual '*Kill mode: process: *' "$("$proctor" status lone)"
check json_says_that_there_is_no_group '*"Group" : null*"KillMode" : "process"*' \
        "$("$proctor" status --json lone)"
"$proctor" stop -q lone
"$proctor" collect -q lone
check a_member_has_its_name '*"Name" : "web"*' "$("$proctor" status --json 1)"
check list_shows_groups '*NAME*STATE*RUNNING*RESULT*MEMBERS*site *finished *0/3 *exit-code 3 of '"'web'"' *web db sleeper*job *idle *0/0 *- *' \
        "$("$proctor" group list)"
check list_json '\[*"Name" : "site"*"NRunning" : 0*"Members" : \[*"web"*]*"Name" : "job"*]' \
        "$("$proctor" group list --json)"
check list_takes_no_operand 2 "$(code "$proctor" group list site)"

check remove_a_member '0||' "$(both "$proctor" group remove site web)"
check remove_no_member "3||proctor: *'web'*" "$(both "$proctor" group remove site web)"
"$proctor" group remove site db sleeper
"$proctor" group add site bad /no/such
"$proctor" group add site long sleep 600
check start_tells_who_does_not "1|Started *'long' as *|proctor: 'bad' was not started: exec '/no/such': No such file or directory" \
        "$(both "$proctor" group start site)"
check start_json '{*"Started" : \[*]*"Failed" : \[*"Member" : "bad"*"Error" : "exec *]*}' \
        "$("$proctor" group start --json site 2>/dev/null)"
check status_says_why "*bad *failed * start-failed *exec '/no/such': No such file or directory*" \
        "$("$proctor" group status site)"
check status_json '{*"State" : "running"*"Members" : \[*"Member" : "bad"*"Id" : null*"Error" : "exec *"Member" : "long",*"State" : "running",*"ExitCode" : null*]*}' \
        "$("$proctor" group status --json site)"
check wait_times_out "124|*|proctor: group 'site' has not finished" "$(both "$proctor" group wait --timeout=0 site)"
check a_member_that_runs_stays "1||proctor: *" "$(both "$proctor" group remove site long)"
check signal_json '\[*"Member" : "long",*"Delivered" : true*]' "$("$proctor" group signal --json CONT site)"
check signal_says_nothing '0||' "$(both "$proctor" group signal CONT site)"
check signal_refuses_what_is_none 1 "$(code "$proctor" group signal NONSENSE site)"
check signal_without_a_group 2 "$(code "$proctor" group signal HUP)"
check stop_shows_the_ends "0|'long': stopped SIGTERM|" "$(both "$proctor" group stop site)"
check stop_of_nothing '0||proctor: no member was running' "$(both "$proctor" group stop site)"
check signal_to_nobody '0||proctor: no member is running' "$(both "$proctor" group signal HUP site)"
check wait_gives_the_code_of_a_failed_start "127|*|proctor: 'bad' was not started: exec *" \
        "$(both "$proctor" group wait site)"
"$proctor" group remove site bad
"$proctor" group start -q site
check stop_by_force "'long': stopped SIGKILL" "$("$proctor" group stop --force site)"

"$proctor" group add job main -- sh -c 'exit 7'
"$proctor" group add job second sleep 600
"$proctor" group start -q job
check one_waits_for_the_other 7 "$(code "$proctor" group wait job)"
check who_waited_is_not_started '*second *added *' "$("$proctor" group status job)"
check status_shows_the_rules $'*On failure: stop-all\nMax parallel: 1\nKey member: main\n*' \
        "$("$proctor" group status job)"

"$proctor" group start -q site
survivor=$("$proctor" group status --json site | sed -n 's/.*"PID" : \([0-9]*\).*/\1/p')
check remove_stops_all '0||' "$(both "$proctor" group remove site)"
check remove_leaves_nobody yes "$(gone "$survivor" && echo yes)"
check remove_forgets 3 "$(code "$proctor" group status site)"
check remove_forgets_processes '' "$("$proctor" ps --all --quiet | grep sleep)"

"$proctor" group create $'naïve' && "$proctor" group add $'naïve' $'\u202ex' true
check names_are_escaped '*naïve*\\xe2\\x80\\xaex*' "$("$proctor" group list)"

check no_verb '2||proctor: say what to do with a group *' "$(both "$proctor" group)"
check an_unknown_verb '2||proctor: there is no verb group nonsense *' "$(both "$proctor" group nonsense)"
check options_may_stand_before_the_verb '\[*]' "$("$proctor" group --json list)"
check no_service 4 "$(DBUS_SESSION_BUS_ADDRESS=unix:path=/no/such code "$proctor" group list)"
for verb in create add start stop wait status signal list remove; do
        check "help_of_$verb" "Usage: proctor group $verb*Exit codes:*" "$("$proctor" group "$verb" --help)"
        check "help_of_${verb}_fits" '' "$("$proctor" help group "$verb" | awk 'length > 80')"
done
check help_lists_the_verbs '*Verbs:*group create *group remove *' "$("$proctor" help group)"
check help_of_no_verb 2 "$(code "$proctor" help group nonsense)"
check help_fits '' "$(for topic in group json exit-codes; do "$proctor" help $topic; done | awk 'length > 80')"

conclude test-cli-group 75

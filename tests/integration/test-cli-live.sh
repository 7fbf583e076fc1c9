#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The verbs of the tool that show what goes on: logs, the last lines in status, top, monitor.
#
#   test-cli-live.sh PROCTOR PROCTORD
set -u

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

conclude test-cli-live 18

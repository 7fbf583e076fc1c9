#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What users and their programs say, in a booted container: in names, arguments, status texts, output
# and questions, with whatever a terminal or a log could take for more than text. It forges nothing
# (S-45), does the service no harm (S-46), and what is secret in it stays so (S-22).
set -u

# shellcheck source=tests/system/container.sh
. "$(dirname "$0")/container.sh"
# shellcheck source=tests/system/bus-cases.sh
. "$(dirname "$0")/bus-cases.sh"
# shellcheck source=tests/system/listener.sh
. "$(dirname "$0")/listener.sh"
container_boot

helper=/helpers/helper-caller
# a title, a colour, a C1 control, a change of direction, a deletion, formats, a line that looks like another
rude=$'\e]0;owned\a\e[31m\xc2\x9b31m\xe2\x80\xaeevil\x7f%n%s\r\nroot: all is well'

# controls: how many lines of the input a terminal would take for more than text; our own colours, each
# of which ends on its line, are none
controls() {
        sed 's/\x1b\[[0-9;]*m//g; s/\r$//' | {
                iconv -f UTF-8 -t UTF-8 2>/dev/null || echo $'\x01 this is no UTF-8'
        } | LC_ALL=C grep -caP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]'
}

tool() {
        as bob proctor --system "$@" 2>&1
}

on_terminal() {
        as bob env TERM=xterm script -qefc "proctor --system $*" /dev/null 2>&1
}

inside systemctl start proctord
listen bob
listen big
before=$(descriptors)
check everything_is_logged '' "$(as root busctl set-property org.proctor1 /org/proctor1 \
        org.proctor1.Watchdog LogLevel s DEBUG 2>&1)"
nsenter -t "$leader" -a -- runuser -u bob -- proctor --system monitor </dev/null >"$scratch/monitor" 2>&1 &
monitor=$!

# -- the programs: one that speaks, one that hangs, one whose last words are that, one that asks

direction=$'\xe2\x80\xaename' # a name may have that, and no control
check S_45_a_name_has_no_control 'Call failed: Option Name: *' "$(start bob 1 true 1 Name s "$rude")"
speaks=$(start bob 3 "$helper" notify "$rude" 2 Name s "$direction" ActivitySources as 1 notify)
hangs=$(start bob 4 sh -c "sleep 1000 # $rude" "$rude" 3 Name s "$direction" TimeoutUSec t 300000 \
        ExtraBufferUSec t 0)
printf 'printf "\\033]0;owned\\a\\233\\302\\2331m\\342\\200\\256%%n%%s\\377\\rPassword: "; exec sleep 1000\n' \
        >"/proc/$leader/root/tmp/asks"
asks=$(start bob 2 sh /tmp/asks 2 Name s asks Terminal b true)
manager bob CreateGroup 'sa{sv}' "$direction" 0 >/dev/null
check they_all_run "$(printf '/org/proctor1/process/%s ' 1 2 3)" "$(echo "$speaks" "$hangs" "$asks" '')"

# -- S-46: the service has heard the last of it, in order

has_spoken() {
        property bob "$speaks" StatusText | grep -q evil
}
eventually has_spoken
check S_46_what_was_said_after_it_is_heard 's "*owned*evil*' "$(property bob "$speaks" StatusText)"
check S_46_as_text 's " \]0;owned  \[31m 31m evil %n%s "' "$(property bob "$speaks" StatusText)"
few_more() { # three processes have some
        [ "$(descriptors)" -le $((before + 24)) ]
}
eventually few_more
check S_46_descriptors_were_closed yes "$(few_more && echo yes || descriptors)"
check S_46_the_service_was_never_restarted 0 "$(inside systemctl show -P NRestarts proctord)"

# -- S-45: what the tool shows, in a pipe and on a terminal

is_hung() {
        process bob "$hangs" Wait t 0 | grep -q hang
}
eventually is_hung
for show in tool on_terminal; do
        for verb in ps stats 'group list' "status ${speaks##*/} ${hangs##*/} ${asks##*/}" "ps --json" \
                "status --json ${speaks##*/} ${hangs##*/} ${asks##*/}" "status no-such-$'\\e'[31m" \
                "group status $direction" "wait --timeout=0 ${hangs##*/}"; do
                # shellcheck disable=SC2086
                shown=$($show $verb)
                check "S_45_no_control: $show $verb" 0 "$(controls <<<"$shown")"
                check "S_45_and_something_was_shown: $show $verb" '*[a-z]*' "$shown"
        done
done
check S_45_the_status_shows_it_as_text '*owned*evil*' "$(tool status "${speaks##*/}")"
check S_45_output_is_escaped_for_a_terminal 0 "$(on_terminal logs "${asks##*/}" | controls)"
check S_45_the_monitor_shows_it_as_text 0 "$(controls <"$scratch/monitor")"
check S_45_the_monitor_has_shown_it '*hung*' "$(cat "$scratch/monitor")"
kill "$monitor"

# -- S-45: what is logged

journal() {
        inside journalctl -q --no-pager -o cat _SYSTEMD_UNIT=proctord.service _COMM=proctord
}
eventually eval 'journal | grep -q hangs'
check S_45_the_log_has_it '*process 2 * hangs*' "$(journal)"
check S_45_without_controls 0 "$(journal | controls)"
check S_45_and_no_line_of_his 0 "$(journal | grep -c '^root: ')"
path=$(start bob 3 sh -c 'echo root logged in; sleep 0.2' 2 Name s sshd Stdout s journal)
process bob "$path" Wait t 10000000 >/dev/null
has_logged() {
        inside journalctl -q --no-pager -o export -t sshd | grep -q '^_UID='
}
eventually has_logged
check S_45_the_journal_says_who_wrote '_UID=1001' \
        "$(inside journalctl -q --no-pager -o export -t sshd | grep '^_UID=' | sort -u)"

# -- S-22: with all of it logged

for options in '1 KEY secret-value' '2 KEY secret-value = secret-name' '1 secret-name= x'; do
        # shellcheck disable=SC2086
        start bob 2 /no/such secret-argument 1 Environment 'a{ss}' $options >/dev/null
        # shellcheck disable=SC2086
        start bob 2 true secret-argument 1 Environment 'a{ss}' $options >/dev/null
        # shellcheck disable=SC2086
        start bob 2 true secret-argument 2 User s alice Environment 'a{ss}' $options >/dev/null
done
check S_22_nothing_secret_is_logged 0 "$(inside journalctl -q --no-pager | grep -c 'secret-')"
check S_22_nobody_else_sees_it 0 "$(
        {
                manager alice ListProcesses
                standard alice /org/proctor1 ObjectManager GetManagedObjects
                manager alice GetStats
        } | grep -c 'secret-'
)"
check S_22_not_even_he_sees_the_environment 0 \
        "$(standard bob /org/proctor1 ObjectManager GetManagedObjects | grep -c 'secret-value')"
check S_22_but_his_arguments "*secret-argument*" \
        "$(standard bob /org/proctor1 ObjectManager GetManagedObjects)"
heard bob owned evil secret-argument
heard_nothing big owned evil secret- Password
end_listeners
verdict

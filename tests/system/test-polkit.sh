#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The real polkit in a booted container: what its rules grant is granted and no more, what they refuse
# is refused, and without it everybody still has what is his own.
set -u

# shellcheck source=tests/system/container.sh
. "$(dirname "$0")/container.sh"
# shellcheck source=tests/system/bus-cases.sh
. "$(dirname "$0")/bus-cases.sh"
# shellcheck source=tests/system/listener.sh
. "$(dirname "$0")/listener.sh"
container_boot

preloaded=/helpers/libpreload.so

# run_as USER TARGET ARGUMENTS...: of StartProcess, without the options' count
run_as() {
        start "$1" 2 /usr/bin/id -un 1 User s "$2"
}

auto_kill() {
        as "$1" busctl set-property org.proctor1 /org/proctor1 org.proctor1.Watchdog AutoKill b "$2" 2>&1
}

# What polkit was asked while COMMAND ran, into $scratch/asked.
while_asked() {
        local monitor

        nsenter -t "$leader" -a -- busctl monitor org.freedesktop.PolicyKit1 \
                </dev/null >"$scratch/asked" 2>&1 &
        monitor=$!
        eventually grep -q Monitoring "$scratch/asked"
        "$@" >"$scratch/answer"
        eventually grep -q CheckAuthorization "$scratch/asked"
        kill "$monitor"
        wait "$monitor" 2>/dev/null
}

inside systemctl start proctord polkit
listen alice
listen big
a=$(start alice 2 sleep 5000 1 TimeoutUSec t 18446744073709551615)
pid=$(pid_of alice "$a")
none=/org/proctor1/process/999999
denied='Call failed: Access denied' # what busctl says of AccessDenied
hidden="Call failed: Unknown object '$a'."

# -- the defaults: an administrator's password, and nobody to ask

check default_is_not_to_manage "$(process bob "$none" SendSignal s CONT | sed "s#/999999'#/ID'#")" \
        "$(process bob "$a" SendSignal s CONT | sed "s#/${a##*/}'#/ID'#")"
check default_is_not_to_run_as "$denied" "$(run_as bob alice)"
check default_is_not_to_run_as_root "$denied" "$(run_as bob root)"
check default_is_not_to_configure 'Failed to set property AutoKill * Interactive authentication is required, *' \
        "$(auto_kill bob false)"
check root_needs_no_polkit '' "$(process root "$a" SendSignal s CONT)"
check root_may_run_as '/org/proctor1/process/+([0-9])' "$(run_as root alice)"

# -- one action for one user

polkit_rule 'if (action.id == "org.proctor1.manage-others" && subject.user == "bob")
                return polkit.Result.YES;'
check bob_may_manage_what_polkit_lets_him '' "$(process bob "$a" SendSignal s CONT)"
check and_not_run_as "$denied" "$(run_as bob alice)"
check big_may_not "$hidden" "$(process big "$a" SendSignal s CONT)"

# -- yes to everything

polkit_rule 'return polkit.Result.YES;'
while_asked start bob 2 /usr/bin/id -un 2 User s alice Environment 'a{ss}' 1 KEY secret-value
path=$(cat "$scratch/answer")
check S_10_yes_runs_it '/org/proctor1/process/+([0-9])' "$path"
check S_02_polkit_is_asked_about_a_name '[1-9]*' "$(grep -c 'STRING "system-bus-name"' "$scratch/asked")"
check S_02_and_never_about_a_number 0 "$(grep -c 'unix-proc''ess' "$scratch/asked")"
check S_22_polkit_is_told_no_environment 0 "$(grep -c secret-value "$scratch/asked")"
check S_22_nor_does_anybody_log_it 0 "$(inside journalctl -q --no-pager | grep -c secret-value)"
check S_02_about_that_action '[1-9]*' "$(grep -c 'STRING "org.proctor1.run-as"' "$scratch/asked")"
process root "$path" Wait t 10000000 >/dev/null
check S_10_it_ran_as_alice alice "$(as root proctor --system logs "${path##*/}" 2>&1)"
check S_10_it_is_alices 'u 1000' "$(property root "$path" Owner)"
check run_as_gains_no_privileges 1 "$(
        path=$(start bob 4 sed -n 's/^NoNewPrivs:\s*//p' /proc/self/status 1 User s alice)
        process root "$path" Wait t 10000000 >/dev/null
        as root proctor --system logs "${path##*/}" 2>&1
)"
for variable in LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT GCONV_PATH BASH_ENV PYTHONPATH GLIBC_TUNABLES; do
        check "S_21_for_another_it_is_refused: $variable" \
                "Call failed: Option Environment: $variable may not be set for a program of another user" \
                "$(start bob 1 /usr/bin/true 2 User s alice Environment 'a{ss}' 1 "$variable" "$preloaded")"
done
check S_21_it_was_loaded_by_nobody no "$(inside test -e /tmp/loaded-by && echo yes || echo no)"
for name in 0day no-such-user; do
        check "S_13_no_such_user: $name" "Call failed: Option User: there is no user '$name'" \
                "$(run_as bob "$name")"
done
for name in $'root\n' -1 4294967295 '' "$(printf '%0300d' 0)"; do
        check "S_13_what_names_nobody: ${name:0:20}" \
                'Call failed: Option User: expected the name or number of a user' "$(run_as bob "$name")"
done
check S_13_root_is_an_action_of_its_own '/org/proctor1/process/+([0-9])' "$(run_as bob root)"

# -- no to everything

polkit_rule 'return polkit.Result.NO;'
check S_10_no_is_a_refusal "$denied" "$(run_as bob alice)"
check S_10_no_ends_nobody "$hidden" "$(process bob "$a" Stop b true)"
check S_10_ones_own_works bob "$(output bob id -un)"
check S_10_root_is_not_asked '/org/proctor1/process/+([0-9])' "$(run_as root alice)"
polkit_rule ''

# -- without polkit

inside systemctl mask --runtime --now polkit >/dev/null 2>&1
check S_07_without_polkit_nothing_of_others "$hidden" "$(process bob "$a" Stop b true)"
check S_07_without_polkit_no_run_as "$denied" "$(run_as bob alice)"
check S_07_without_polkit_ones_own_works bob "$(output bob id -un)"
check S_07_without_polkit_root_may '' "$(process root "$a" SendSignal s CONT)"
inside systemctl unmask --runtime polkit >/dev/null 2>&1
inside mv /usr/share/polkit-1/actions/org.proctor1.policy /root/
inside systemctl restart polkit
check S_07_without_actions_no_run_as "$denied" "$(run_as bob alice)"
check S_07_without_actions_ones_own_works bob "$(output bob id -un)"

check alices_runs_on yes "$(is_alive "$pid")"
heard alice '"sleep"'
heard_nothing big '"sleep"' secret-value
end_listeners
verdict

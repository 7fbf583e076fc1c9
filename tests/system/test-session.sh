#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The user unit in a booted container: a user's session bus starts the service when it is called by
# name; systemd starts, stops, restarts and watches it; whatever comes, nothing that it manages stays
# behind or is another user's.
set -u

# shellcheck source=tests/system/container.sh
. "$(dirname "$0")/container.sh"
container_boot

user() {
        in_session alice systemctl --user "$@" 2>&1
}

manager() {
        in_session alice busctl --user call -- org.proctor1 /org/proctor1 org.proctor1.Manager "$@" 2>&1
}

# sleepers N: how many processes there are that sleep for N seconds
sleepers() {
        inside pgrep -cfx "sleep $1"
}

none_sleeps() {
        [ "$(sleepers "$1")" = 0 ]
}

start_sleep() {
        manager StartProcess 'asa{sv}' 2 sleep "$1" 0 | sed -n 's#^ou "/org/proctor1/process/[0-9]*" ##p'
}

main_pid() {
        user show -P MainPID proctord
}

is_new_main() {
        local now
        now=$(main_pid)
        [ "$now" != 0 ] && [ "$now" != "$1" ] && [ "$(user is-active proctord)" = active ]
}

inside loginctl enable-linger alice
inside systemctl is-system-running --wait >/dev/null
eventually in_session alice busctl --user status

check unit_is_well_formed '' "$(in_session alice systemd-analyze --user verify proctord.service 2>&1)"
check unit_is_inactive_before_a_call inactive "$(user is-active proctord)"
pid=$(start_sleep 3001)
check call_by_name_starts_the_service '[0-9]*' "$pid"
check service_is_the_unit active "$(user is-active proctord)"
check unit_owns_the_name '*"org.proctor1"*' "$(user show proctord -p BusName | sed 's/=\(.*\)/"\1"/')"
check process_is_below_the_unit '0::/*/proctord.service/proctor-*/p*' \
        "$(inside grep ^0:: "/proc/$pid/cgroup")"
check process_is_the_users 1000 "$(inside stat -c %u "/proc/$pid")"
check process_knows_nothing_of_the_units_sockets '' \
        "$(inside cat "/proc/$pid/environ" | tr '\0' '\n' | grep -E '^(NOTIFY_|WATCHDOG_|INVOCATION|LISTEN)')"
check containment_is_a_cgroup 's "cgroup"' \
        "$(in_session alice busctl --user get-property org.proctor1 /org/proctor1/process/1 org.proctor1.Process Containment)"

check tool_finds_it '*sleep*' "$(in_session alice proctor --session ps 2>&1)"
check stop_is_clean '' "$(user stop proctord)"
check stop_ends_its_processes 0 "$(sleepers 3001)"
check stop_is_a_success success "$(user show -P Result proctord)"

start_sleep 3002 >/dev/null
check restart_is_clean '' "$(user restart proctord)"
check restart_ends_its_processes 0 "$(sleepers 3002)"
check restart_gives_a_new_one active "$(user is-active proctord)"

start_sleep 3003 >/dev/null
pid=$(main_pid)
user kill -s KILL --kill-who=main proctord >/dev/null
eventually is_new_main "$pid"
check killed_service_comes_back 1 "$(user show -P NRestarts proctord)"
eventually none_sleeps 3003
check killed_service_leaves_no_process 0 "$(sleepers 3003)"
check killed_service_leaves_no_cgroup 1 \
        "$(inside find /sys/fs/cgroup/user.slice -type d -name 'proctor-*' | wc -l)"

# Its own watchdog: pings keep it; a service that stands still is replaced.
in_session alice mkdir -p /home/alice/.config/systemd/user/proctord.service.d
in_session alice sh -c 'printf "[Service]\nWatchdogSec=1s\n" >.config/systemd/user/proctord.service.d/fast.conf'
user daemon-reload
user restart proctord
pid=$(main_pid)
sleep 2.5 # two and a half of its times: what is looked for is that nothing happens
check pings_keep_the_service "$pid" "$(main_pid)"
start_sleep 3004 >/dev/null
inside kill -STOP "$pid"
eventually is_new_main "$pid"
check service_that_stands_still_is_replaced '[1-9]' "$(user show -P NRestarts proctord)"
eventually none_sleeps 3004
check its_processes_went_with_it 0 "$(sleepers 3004)"

check foreign_user_cannot_reach_the_session_bus '*' \
        "$(inside runuser -u bob -- env DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus \
                busctl --user status org.proctor1 2>&1)"
verdict

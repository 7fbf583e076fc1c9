# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What holds for the user unit and for the system unit alike. Who sources it has booted the container
# and defined
#   unit ARGUMENTS...   systemctl of that manager
#   caller COMMAND...   runs something as the caller alice, who has that bus
#   bus                 --user or --system

manager() {
        caller busctl "$bus" call -- org.proctor1 /org/proctor1 org.proctor1.Manager "$@" 2>&1
}

# process PATH MEMBER...
process() {
        local path=$1
        shift
        caller busctl "$bus" call -- org.proctor1 "$path" org.proctor1.Process "$@" 2>&1
}

property() {
        caller busctl "$bus" get-property org.proctor1 "$1" "org.proctor1.$2" "$3" 2>&1
}

# sleepers N: how many processes there are that sleep for N seconds
sleepers() {
        inside pgrep -cfx "sleep $1"
}

none_sleeps() {
        [ "$(sleepers "$1")" = 0 ]
}

# Starts one that sleeps that long, and prints path and PID.
start_sleep() {
        manager StartProcess 'asa{sv}' 2 sleep "$1" 0 | sed -n 's#^ou "\([^"]*\)" \([0-9]*\)$#\1 \2#p'
}

main_pid() {
        unit show -P MainPID proctord
}

is_new_main() {
        local now
        now=$(main_pid)
        [ "$now" != 0 ] && [ "$now" != "$1" ] && [ "$(unit is-active proctord)" = active ]
}

instances() {
        inside find /sys/fs/cgroup -type d -name 'proctor-*' | wc -l
}

# The name has an owner at the moment when the start is done.
owner() {
        caller busctl "$bus" call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus \
                NameHasOwner s org.proctor1
}

activation_cases() {
        local path pid

        check unit_is_inactive_before_a_call inactive "$(unit is-active proctord)"
        read -r path pid <<<"$(start_sleep 3001)"
        check call_by_name_starts_the_service '[0-9]*' "$pid"
        check service_is_the_unit active "$(unit is-active proctord)"
        check process_is_below_the_unit '0::/*/proctord.service/proctor-*/p*' \
                "$(inside grep ^0:: "/proc/$pid/cgroup")"
        check process_is_the_callers "$(inside id -u alice)" "$(inside stat -c %u "/proc/$pid")"
        check process_knows_nothing_of_the_units_sockets '' \
                "$(inside cat "/proc/$pid/environ" | tr '\0' '\n' |
                        grep -E '^(NOTIFY_|WATCHDOG_|INVOCATION|LISTEN|JOURNAL|SYSTEMD_EXEC)')"
        check containment_is_a_cgroup 's "cgroup"' "$(property "$path" Process Containment)"
}

start_stop_cases() {
        check stop_is_clean '' "$(unit stop proctord)"
        check stop_ends_its_processes 0 "$(sleepers 3001)"
        check stop_is_a_success success "$(unit show -P Result proctord)"
        check stop_gives_the_name_back 'b false' "$(owner)"
        check stop_leaves_no_cgroup 0 "$(instances)"
        check start_is_clean '' "$(unit start proctord)"
        check start_ends_when_the_name_is_owned 'b true' "$(owner)"

        start_sleep 3002 >/dev/null
        check restart_is_clean '' "$(unit restart proctord)"
        check restart_ends_its_processes 0 "$(sleepers 3002)"
        check restart_gives_a_new_one 'b true' "$(owner)"
}

# Whoever dies: nothing of what it managed stays.
killed_cases() {
        local pid before

        start_sleep 3003 >/dev/null
        pid=$(main_pid)
        before=$(unit show -P NRestarts proctord)
        unit kill -s KILL --kill-who=main proctord
        eventually is_new_main "$pid"
        check killed_service_comes_back $((before + 1)) "$(unit show -P NRestarts proctord)"
        eventually none_sleeps 3003
        check killed_service_leaves_no_process 0 "$(sleepers 3003)"
        check killed_service_leaves_no_cgroup 1 "$(instances)"

        start_sleep 3004 >/dev/null
        pid=$(main_pid)
        unit kill -s KILL --kill-who=all proctord
        eventually is_new_main "$pid"
        eventually none_sleeps 3004
        check killed_unit_leaves_no_process 0 "$(sleepers 3004)"
        check killed_unit_leaves_no_cgroup 1 "$(instances)"
}

# Its own watchdog, which the caller has set to a second: pings keep it, and a service that stands
# still is replaced.
watchdog_cases() {
        local pid

        unit daemon-reload
        unit restart proctord
        pid=$(main_pid)
        sleep 2.5 # two and a half of its times: what is looked for is that nothing happens
        check pings_keep_the_service "$pid" "$(main_pid)"
        start_sleep 3005 >/dev/null
        inside kill -STOP "$pid"
        eventually is_new_main "$pid"
        check service_that_stands_still_is_replaced '[1-9]' "$(unit show -P NRestarts proctord)"
        eventually none_sleeps 3005
        check its_processes_went_with_it 0 "$(sleepers 3005)"
}

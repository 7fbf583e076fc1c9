#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The system unit in a booted container: the bus starts it when it is called by name; systemd starts,
# stops, restarts and watches it; whatever comes, nothing that it manages stays behind.
set -u

# shellcheck source=tests/system/container.sh
. "$(dirname "$0")/container.sh"
# shellcheck source=tests/system/unit-cases.sh
. "$(dirname "$0")/unit-cases.sh"
# shellcheck source=tests/system/listener.sh
. "$(dirname "$0")/listener.sh"
container_boot

bus=--system

unit() {
        inside systemctl "$@" 2>&1
}

caller() {
        as alice "$@"
}

check unit_is_well_formed '' "$(inside systemd-analyze verify --man=no proctord.service 2>&1)"
activation_cases
check tool_finds_it '*sleep*' "$(as alice proctor --system ps 2>&1)"
listen alice
listen bob
start_stop_cases
killed_cases

heard alice '"sleep"'
heard_nothing bob '"sleep"'
end_listeners

# The bus goes, and comes again: a process does not notice, and its owner finds it where it was.
read -r path pid <<<"$(start_sleep 3006)"
service=$(main_pid)
inside systemctl kill -s KILL dbus.service
bus_is_back() {
        [ "$(owner 2>/dev/null)" = 'b true' ] && property "$path" Process State
}
eventually bus_is_back
check process_outlives_the_bus 1 "$(sleepers 3006)"
check service_outlives_the_bus "$service" "$(main_pid)"
check name_is_taken_again 'b true' "$(owner)"
check process_is_found_again "u $pid" "$(property "$path" Process PID)"
check process_can_be_stopped_again 'is -15 "stopped"' "$(process "$path" Stop b false)"

# What is set here is set for every child: docs/security.md has the reasons.
for setting in ProtectHome=no ProtectSystem=no PrivateTmp=no PrivateDevices=no PrivateNetwork=no \
        NoNewPrivileges=no 'SystemCallFilter=~' RestrictNamespaces=no Delegate=yes KillMode=process \
        NotifyAccess=main OOMPolicy=continue; do
        check "unit_has_$setting" "$setting" "$(unit show proctord -p "${setting%%=*}")"
done

# Each line that systemd counts against it has its reason in the page.
unexplained=$(inside systemd-analyze security --no-pager proctord.service |
        sed -n 's/^✗ \([A-Za-z]*=\).*/\1/p' | sort -u | while read -r setting; do
        grep -qF "$setting" "$here/../../docs/security.md" || echo "$setting"
done)
check security_page_explains_each_line '' "$unexplained"
check security_page_has_the_score '*9.6 UNSAFE*' "$(inside systemd-analyze security --no-pager proctord.service | tail -n 1)"

inside mkdir -p /etc/systemd/system/proctord.service.d
inside sh -c 'printf "[Service]\nWatchdogSec=1s\n" >/etc/systemd/system/proctord.service.d/fast.conf'
watchdog_cases
verdict

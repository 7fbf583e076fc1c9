#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The user unit in a booted container: a user's session bus starts the service when it is called by
# name; systemd starts, stops, restarts and watches it; whatever comes, nothing that it manages stays
# behind.
set -u

# shellcheck source=tests/system/container.sh
. "$(dirname "$0")/container.sh"
# shellcheck source=tests/system/unit-cases.sh
. "$(dirname "$0")/unit-cases.sh"
container_boot

bus=--user

unit() {
        in_session alice systemctl --user "$@" 2>&1
}

caller() {
        in_session alice "$@"
}

inside loginctl enable-linger alice
eventually in_session alice busctl --user status

check unit_is_well_formed '' "$(in_session alice systemd-analyze --user verify --man=no proctord.service 2>&1)"
activation_cases
check tool_finds_it '*sleep*' "$(in_session alice proctor --session ps 2>&1)"
check other_users_have_other_sessions '*Permission denied*' \
        "$(as bob env DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus busctl --user list 2>&1)"
start_stop_cases
killed_cases
in_session alice mkdir -p /home/alice/.config/systemd/user/proctord.service.d
in_session alice sh -c \
        'printf "[Service]\nWatchdogSec=1s\n" >.config/systemd/user/proctord.service.d/fast.conf'
watchdog_cases
verdict

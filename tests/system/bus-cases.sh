# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Words for tests with several users on the system bus of a container.

# manager USER MEMBER...
manager() {
        local user=$1
        shift
        as "$user" busctl call -- org.proctor1 /org/proctor1 org.proctor1.Manager "$@" 2>&1
}

# process USER PATH MEMBER...
process() {
        local user=$1 path=$2
        shift 2
        as "$user" busctl call -- org.proctor1 "$path" org.proctor1.Process "$@" 2>&1
}

# standard USER PATH INTERFACE MEMBER...: of org.freedesktop.DBus
standard() {
        local user=$1 path=$2 interface=$3
        shift 3
        as "$user" busctl call -- org.proctor1 "$path" "org.freedesktop.DBus.$interface" "$@" 2>&1
}

# start USER ARGUMENTS...: of StartProcess; prints the path, or the error
start() {
        manager "$1" StartProcess 'asa{sv}' "${@:2}" | sed 's#^ou "\([^"]*\)" [0-9]*$#\1#'
}

# output USER COMMAND...: what it writes when the service runs it for that user
output() {
        local user=$1 path
        shift
        path=$(start "$user" "$#" "$@" 0)
        process "$user" "$path" Wait t 10000000 >/dev/null
        as "$user" proctor --system logs "${path##*/}" 2>&1
        process "$user" "$path" Collect
}

# property USER PATH NAME
property() {
        as "$1" busctl get-property org.proctor1 "$2" org.proctor1.Process "$3" 2>&1
}

pid_of() {
        property "$1" "$2" PID | cut -d ' ' -f 2
}

is_alive() {
        inside test -d "/proc/$1" && echo yes || echo no
}

# polkit_rule JAVASCRIPT: what polkit decides from now on, before its own defaults
polkit_rule() {
        echo "polkit.addRule(function (action, subject) { $1 });" \
                >"/proc/$leader/root/etc/polkit-1/rules.d/10-test.rules"
        inside systemctl restart polkit
}

# The service's descriptors, and its anonymous memory in KiB.
descriptors() {
        inside ls "/proc/$(inside systemctl show -P MainPID proctord)/fd" | wc -l
}

memory() {
        inside awk '/^RssAnon:/ { print $2 }' \
                "/proc/$(inside systemctl show -P MainPID proctord)/status"
}

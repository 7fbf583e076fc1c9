#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Several users on the real system bus, with the real polkit, in a booted container: each has what is
# his own and nobody else's, and what he starts is his in every respect. While all of it goes on, both
# listen to whatever the bus gives them.
set -u

# shellcheck source=tests/system/container.sh
. "$(dirname "$0")/container.sh"
# shellcheck source=tests/system/bus-cases.sh
. "$(dirname "$0")/bus-cases.sh"
# shellcheck source=tests/system/listener.sh
. "$(dirname "$0")/listener.sh"
container_boot

marker=kingfisher # in all that alice has

mask() { # of a path: what differs in the answers about two objects
        sed "s#${1##*/}#ID#g"
}

# -- the listener

inside systemctl start proctord
listen alice
listen bob
check S_16_nobody_may_monitor '*AccessDenied' "$(inside grep '^monitor:' /run/heard-bob)"
check S_16_nobody_may_eavesdrop '*AccessDenied' "$(inside grep '^eavesdrop:' /run/heard-bob)"
check S_16_busctl_monitor_is_refused '*denied*' "$(as bob timeout 5 busctl monitor org.proctor1 2>&1)"

# -- one's own

for user in alice bob big root; do
        check "run_as_$user" "$user" "$(as "$user" proctor --system run -- id -un 2>&1)"
        id=$(as "$user" proctor --system start -q --name="$user-sleeps" sleep 4000 2>&1)
        check "start_as_$user" '[0-9]*' "$id"
        check "ps_as_$user" "*$user-sleeps*" "$(as "$user" proctor --system ps 2>&1)"
        check "status_as_$user" '*running*' "$(as "$user" proctor --system status "$id" 2>&1)"
        check "stop_as_$user" '*' "$(as "$user" proctor --system stop "$id" 2>&1)"
        check "stopped_as_$user" '*stopped*' "$(as "$user" proctor --system status "$id" 2>&1)"
        check "owner_is_$user" "u $(inside id -u "$user")" \
                "$(property "$user" "/org/proctor1/process/$id" Owner)"
done

check S_12_uid_4000000000_is_itself 'Uid:*4000000000*4000000000*4000000000*4000000000' \
        "$(output big grep Uid: /proc/self/status)"
check child_has_the_callers_uid 'Uid:*1000*1000*1000*1000' "$(output alice grep Uid: /proc/self/status)"
check child_has_the_callers_gid 'Gid:*1000*1000*1000*1000' "$(output alice grep Gid: /proc/self/status)"
check child_has_the_callers_groups "$(as alice id -G)" "$(output alice id -G)"
check child_has_no_capability 0000000000000000 \
        "$(output alice sh -c 'sed -n "s/CapEff:\s*//p;s/CapPrm:\s*//p;s/CapAmb:\s*//p" /proc/self/status | sort -u')"
check child_may_use_sudo_and_the_like 0 "$(output alice sed -n 's/^NoNewPrivs:\s*//p' /proc/self/status)"
check child_has_no_filter_of_ours "$(inside sed -n 's/^Seccomp:\s*//p' /proc/1/status)" \
        "$(output alice sed -n 's/^Seccomp:\s*//p' /proc/self/status)"
check child_is_at_home /home/alice "$(output alice pwd)"
check child_has_a_login_umask 0022 "$(output alice sh -c umask)"
check child_has_an_environment_from_nothing 'HOME LOGNAME PATH SHELL USER*' \
        "$(output alice sh -c 'env -u PWD -u OLDPWD -u SHLVL -u _ | cut -d= -f1 | sort | tr "\n" " "')"
check child_has_the_callers_shell /bin/bash "$(output alice sh -c 'echo $SHELL')"
check child_has_a_soft_limit_of_descriptors "$(inside systemctl show -P LimitNOFILESoft proctord)" \
        "$(output alice sh -c 'ulimit -Sn')"
check root_has_his_own 'uid=0(root) *' "$(output root id)"

# -- another's

a=$(start alice 3 sh -c "echo $marker; exec sleep 4001" 2 Name s "$marker" Environment 'a{ss}' 1 MARK "$marker")
pid=$(pid_of alice "$a")
none=/org/proctor1/process/999999
check alice_has_it 's "running"' "$(property alice "$a" State)"
for call in 'process Stop b true' 'process SendSignal s force' 'process Wait t 0' \
        'process ReadOutput stu stdout 0 100' 'process OpenOutput s stdout' 'process Collect' \
        'process ReportActivity' 'standard Properties Get ss org.proctor1.Process Command' \
        'standard Properties GetAll s org.proctor1.Process' \
        'standard Properties Set ssv org.proctor1.Process AutoKill b false' \
        'standard Introspectable Introspect'; do
        read -r kind words <<<"$call"
        # shellcheck disable=SC2086
        check "S_14_bob_cannot_tell_it_from_none: $call" "$($kind bob "$none" $words | mask "$none")" \
                "$($kind bob "$a" $words | mask "$a")"
        # shellcheck disable=SC2086
        check "bob_cannot: $call" '*Unknown object*' "$($kind bob "$a" $words)"
done
check bob_does_not_list_it 'a(oussis) 1 *"bob-sleeps"*' "$(manager bob ListProcesses)"
check bob_does_not_find_its_pid "$(manager bob GetProcess u 4000000 | sed s/4000000/PID/)" \
        "$(manager bob GetProcess u "$pid" | sed "s/$pid/PID/")"
check bob_signals_none_of_hers 'a{ub} 0' "$(manager bob SendSignalToAll s force)"
check bob_stops_none_of_hers 'a{u(is)} 0' "$(manager bob StopAll b true)"
check bob_has_no_number_of_hers "*\"TotalManaged\" u 1 *" "$(manager bob GetStats)"
manager bob Shutdown >/dev/null
check it_runs_on yes "$(is_alive "$pid")"

check root_lists_it "*$marker*" "$(manager root ListProcesses)"
check root_reads_it "s \"$marker\"" "$(property root "$a" Name)"

# -- what cannot be had here is refused by name, never ignored

for limit in MemoryMax=memory TasksMax=pids CPUWeight=cpu; do
        if inside grep -qw "${limit#*=}" /sys/fs/cgroup/system.slice/proctord.service/cgroup.controllers; then
                check "${limit%=*}_is_obeyed" 'oo "/org/proctor1/process/*' "$(start alice 1 true 1 "${limit%=*}" t 10000)"
        else
                check "refused_by_name_${limit%=*}" "*Option ${limit%=*}: *'${limit#*=}'*" \
                        "$(start alice 1 true 1 "${limit%=*}" t 10000)"
        fi
done

# -- the end of it

check root_stops_it 'is -9 "stopped"' "$(process root "$a" Stop b true)"
check it_is_gone no "$(is_alive "$pid")"
check alice_hears_how_it_ended 'is -9 "stopped"' "$(process alice "$a" Wait t 0)"

# -- what bob has heard

process alice "$a" Collect >/dev/null
heard alice "$marker" "$a" alice-sleeps
heard bob bob-sleeps
heard_nothing_of bob "$marker" "$a" alice-sleeps
end_listeners
verdict

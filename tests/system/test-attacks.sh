#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What users try against the system service and against each other in a booted container, by the
# numbers of the tests' names: each is attempted, refused, and leaves nothing.
set -u

# shellcheck source=tests/system/container.sh
. "$(dirname "$0")/container.sh"
# shellcheck source=tests/system/bus-cases.sh
. "$(dirname "$0")/bus-cases.sh"
# shellcheck source=tests/system/listener.sh
. "$(dirname "$0")/listener.sh"
container_boot

helper=/helpers/helper-caller
n_vanishing=${PROCTOR_TEST_VANISHING:-1000} # callers, for each guarded call
! is_sanitized || n_vanishing=$((n_vanishing / 4)) # the other build has them all

inside systemctl start proctord polkit
listen bob
listen big
forever=18446744073709551615 # nobody minds that it sleeps
victim=$(start alice 2 sleep 5000 1 TimeoutUSec t $forever)
victim_pid=$(pid_of alice "$victim")
check victim_runs yes "$(is_alive "$victim_pid")"

# -- S-01: callers that are gone when the answer comes

auto_kill() {
        as root busctl get-property org.proctor1 /org/proctor1 org.proctor1.Watchdog AutoKill
}

before=$(descriptors)
# vanish NAME CALL...: on both processors
vanish() {
        local name=$1
        shift
        as bob "$helper" vanish $((n_vanishing / 2)) "$@" >/dev/null &
        as bob "$helper" vanish $((n_vanishing / 2)) "$@" >/dev/null
        wait $!
        # later calls are answered later: whatever there was has been decided
        manager root GetStats >/dev/null
        check "S_01_$name: the victim runs" yes "$(is_alive "$victim_pid")"
        check "S_01_$name: no file of root or alice" '' "$(inside find /tmp -name 'taken*')"
        check "S_01_$name: nothing is configured" 'b true' "$(auto_kill)"
        check "S_01_$name: nothing is bob's" 'a(oussis) 0' "$(manager bob ListProcesses)"
}

vanish run_as_root start-as root /usr/bin/touch /tmp/taken-root
vanish run_as start-as alice /usr/bin/touch /tmp/taken-alice
vanish stop stop "$victim"
vanish signal signal "$victim"
vanish configure configure
few_more() {
        [ "$(descriptors)" -le $((before + 4)) ]
}
eventually few_more
check S_01_no_descriptor_is_left yes "$(few_more && echo yes || descriptors)"

# -- S-20, S-29: commands that are none

check S_20_no_command 'Call failed: The command is empty: *' "$(start bob 0 0)"
check S_20_a_command_without_a_name 'Call failed: The name of the program is empty' "$(start bob 1 '' 0)"
limits=org.freedesktop.DBus.Error.LimitsExceeded
check S_20_a_megabyte "start: $limits" "$(as bob "$helper" elements 1 1048576 2>&1)"
check S_20_a_hundred_thousand "start: $limits" "$(as bob "$helper" elements 100000 4 2>&1)"
as bob sh -c 'printf "#!/no/such\n" >script; printf "\177ELF garbage" >garbage; cp /bin/sleep busy
        chmod +x script garbage busy; mkdir -p d; echo >plain; mkfifo fifo; cp /usr/bin/id found'
# not_run PROGRAM WHY OPTIONS...: with their count
not_run() {
        local program=$1 why=$2
        shift 2
        check "S_29_$program: $why" "Call failed: exec '$program': $why" "$(start bob 1 "$program" "$@")"
}
nsenter -t "$leader" -a -- runuser -u bob -- sh -c 'exec 3>>/home/bob/busy; exec sleep 60' \
        </dev/null >/dev/null 2>&1 &
eventually inside pgrep -fx 'sleep 60'
not_run /home/bob/d 'Permission denied' 0
not_run /home/bob/script 'No such file or directory' 0
not_run /home/bob/plain 'Permission denied' 0
not_run /home/bob/fifo 'Permission denied' 0
not_run /home/bob/garbage 'Exec format error' 0
not_run /home/bob/busy 'Text file busy' 0
not_run ./script 'No such file or directory' 0
not_run ./no-such 'No such file or directory' 0
not_run no-such-program 'No such file or directory' 0
not_run found 'No such file or directory' 0
check S_29_the_path_is_that_of_the_program '/org/proctor1/process/+([0-9])' \
        "$(start bob 1 found 1 Environment 'a{ss}' 1 PATH .)"

# -- S-21: variables that steer the loader

check S_21_ones_own_may '/org/proctor1/process/+([0-9])' \
        "$(start bob 1 true 1 Environment 'a{ss}' 1 LD_PRELOAD /helpers/libpreload.so)"
eventually inside test -s /tmp/loaded-by
check S_21_it_ran_as_nobody_else '1001 1001' "$(inside sort -u /tmp/loaded-by)"
check S_21_nobody_sets_what_the_bus_starts_with 'Call failed: Access denied' \
        "$(as bob busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus \
                UpdateActivationEnvironment 'a{ss}' 1 LD_PRELOAD /helpers/libpreload.so 2>&1)"

# -- S-22: what was secret stays so

start bob 2 true secret-argument 1 Environment 'a{ss}' 1 KEY secret-value >/dev/null
check S_22_nothing_of_it_in_the_journal 0 "$(inside journalctl -q --no-pager | grep -c secret-)"

# -- S-23: descriptors

check S_23_a_child_has_three_descriptors '0 1 2 3 ' \
        "$(output bob sh -c 'ls /proc/self/fd | tr "\n" " "')" # the fourth is the list itself
check S_23_and_they_are_its_own '*/dev/null*pipe:*pipe:*' "$(output bob ls -l /proc/self/fd | tr '\n' ' ')"

# -- S-24: one's own processes before they are one's own

check S_24_nothing_is_taken_before_exec 'caught 4 taken 0' "$(as bob /helpers/helper-thief 4 2>&1)"

# -- S-26: paths that are traps

for trap in /home/bob/fifo /dev/zero /home/bob/plain; do
        check "S_26_no_directory: $trap" "Call failed: chdir '$trap': Not a directory" \
                "$(start bob 1 true 1 WorkingDirectory s "$trap")"
done
check S_26_a_closed_one_is_as_in_a_shell "Call failed: chdir '/root/x': Permission denied" \
        "$(start bob 1 true 1 WorkingDirectory s /root/x)"
check S_26_what_is_not_there_looks_the_same \
        "$(start bob 1 true 1 WorkingDirectory s /root/x | sed s/x/N/)" \
        "$(start bob 1 true 1 WorkingDirectory s /root/.profile | sed 's/\.profile/N/')"
nsenter -t "$leader" -a -- runuser -u bob -- timeout 4 sh -c \
        'cd; until [ -e enough ]; do ln -sfn /root swap; ln -sfn /home/bob swap; done' </dev/null &
for _ in $(seq 30); do
        start bob 2 touch taken-by-swap 1 WorkingDirectory s /home/bob/swap >/dev/null
done
as bob touch enough
eventually inside test -e /home/bob/taken-by-swap
check S_26_a_swapped_link_leads_home_as_well yes "$(inside test -e /home/bob/taken-by-swap && echo yes)"
check S_26_a_swapped_link_leads_nowhere '' "$(inside find /root -name 'taken*')"
wait $!

late="Call failed: exec '%s': it was not executed within StartTimeoutUSec"
mkdir "/proc/$leader/root/hung"
[ -e "/proc/$leader/root/dev/fuse" ] || mknod -m 600 "/proc/$leader/root/dev/fuse" c 10 229
nsenter -t "$leader" -m -u -i -n -p -r -w -- "$helper" hung-mount /hung </dev/null >"$scratch/hung" 2>&1 &
disown # no word about how it ends
eventually grep -qx ready "$scratch/hung"
# shellcheck disable=SC2059
check S_26_a_program_on_a_dead_mount "$(printf "$late" /hung/program)" \
        "$(start bob 1 /hung/program 1 StartTimeoutUSec t 300000)"
# shellcheck disable=SC2059
check S_26_a_directory_on_a_dead_mount "$(printf "$late" /bin/true)" \
        "$(start bob 1 /bin/true 2 StartTimeoutUSec t 300000 WorkingDirectory s /hung/directory)"
check S_26_others_go_on alice "$(output alice id -un)"
check S_26_and_so_does_he bob "$(output bob id -un)"
hung_starts() {
        inside pgrep -cu bob -x proctord
}
check S_26_what_hangs_is_still_counted 'Call failed: Still alive: * (proctord): D*; * (proctord): D*' \
        "$(manager bob StopAll b true)"
check S_26_nobody_can_end_it 2 "$(hung_starts)"
inside kill -KILL "$(inside pgrep -fx '.*helper-caller hung-mount /hung')"
nothing_hangs() {
        [ "$(hung_starts)" = 0 ] && [ "$(manager bob StopAll b true)" = 'a{u(is)} 0' ] &&
                [ "$(inside find /sys/fs/cgroup/system.slice/proctord.service -mindepth 2 -type d |
                        wc -l)" = 1 ] # the victim's
}
eventually nothing_hangs
check S_26_with_the_mount_all_of_it_goes yes "$(nothing_hangs && echo yes || inside ps -eo user,stat,args)"
inside umount -l /hung

# -- S-27: names that are paths

for name in .. ../../x a/b . cgroup.procs "$(printf '%0120d' 0)"; do
        check "S_27_a_name_is_a_name: ${name:0:20}" '/org/proctor1/process/[0-9]*' \
                "$(start bob 1 true 1 Name s "$name")"
done
for name in $'a\nb' $'\e[1m' "$(printf '%0255d' 0)" ''; do
        check "S_27_S_45_what_is_no_name: ${name:0:20}" \
                'Call failed: Option Name: expected 1 to 128 bytes of UTF-8 without control characters' \
                "$(start bob 1 true 1 Name s "$name")"
done
check S_27_cgroups_have_names_of_ours 0 "$(inside find /sys/fs/cgroup/system.slice/proctord.service \
        -mindepth 1 -type d | grep -cv '/proctor-[0-9]*-[0-9a-f]*\(/p[0-9]*\)*$')"

# -- S-28: processes that are not one's own

service_pid=$(inside systemctl show -P MainPID proctord)
denied=org.freedesktop.DBus.Error.AccessDenied
install -m 4755 "/proc/$leader/root/bin/sleep" "/proc/$leader/root/usr/local/bin/becomes-root"
nsenter -t "$leader" -a -- runuser -u bob -- /usr/local/bin/becomes-root 20 </dev/null &
eventually inside pgrep -fx '/usr/local/bin/becomes-root 20'
for pid in 1 "$service_pid" "$victim_pid" "$(inside pgrep -fx '/usr/local/bin/becomes-root 20')"; do
        check "S_28_not_to_be_adopted: $pid" "adopt: $denied" "$(as bob "$helper" adopt "$pid" 2>&1)"
done
check S_28_a_thread_is_no_process 'adopt: org.freedesktop.DBus.Error.@(InvalidArgs|AccessDenied)' \
        "$(as bob "$helper" adopt thread 2>&1)"
check S_28_nor_is_a_zombie 'adopt: org.proctor1.Error.NoSuchProcess' "$(as bob "$helper" adopt zombie 2>&1)"
check S_28_nor_is_a_file 'adopt: org.freedesktop.DBus.Error.InvalidArgs' \
        "$(as bob "$helper" adopt file /etc/passwd 2>&1)"
check S_28_what_has_no_number_here_is_none 'adopt: org.freedesktop.DBus.Error.InvalidArgs' \
        "$(nsenter -t "$leader" -m -u -i -n -C -r -w -- setpriv --reuid 1001 --regid 1001 --clear-groups \
                "$helper" adopt self </dev/null 2>&1)"
check S_28_by_number_alone_not 'Call failed: Option PIDFD: required on the system bus' "$(manager bob AdoptProcess 'ua{sv}' 1 0)"
nsenter -t "$leader" -a -- runuser -u bob -- sleep 20 </dev/null &
own=$(eventually inside pgrep -fx 'sleep 20' && inside pgrep -fx 'sleep 20')
check S_28_ones_own_can_be 'adopt: ok' "$(as bob "$helper" adopt "$own" 2>&1)"
check S_28_and_ended 'a{u(is)} [1-9]*' "$(manager bob StopAll b true)"

# -- S-41: a bomb

path=$(start bob 3 sh -c 'i=0; while [ $i -lt 1500 ]; do sleep 6001 & i=$((i + 1)); done; wait' 0)
bomb_is_up() {
        [ "$(inside pgrep -cfx 'sleep 6001')" -ge 1500 ]
}
eventually bomb_is_up
begin=$(date +%s%N)
check S_41_a_bomb_is_stopped 'is -9 "stopped"' "$(process bob "$path" Stop b true)"
took=$((($(date +%s%N) - begin) / 1000000))
check "S_41_in_a_second, not in $took ms" yes "$([ "$took" -lt 1000 ] && echo yes)"
check S_41_and_gone 0 "$(inside pgrep -cfx 'sleep 6001')"

# -- S-45: what goes to terminals and logs

printf 'printf "\\033]0;owned\\a\\342\\200\\256%%n%%s\\377"\n' >"/proc/$leader/root/tmp/rude"
path=$(start bob 2 sh /tmp/rude 1 Name s $'rude')
process bob "$path" Wait t 10000000 >/dev/null
check S_45_the_tool_shows_no_control 0 \
        "$(as bob proctor --system status "${path##*/}" 2>&1 | LC_ALL=C grep -c $'[\x01-\x08\x0b-\x1f\x7f]')"

# -- S-47: descriptors that nobody asked for

check S_47_nobody_wants_them 'refused 2000' "$(as bob "$helper" descriptors 2000 2>&1)"
eventually few_more
check S_47_descriptors_are_given_back yes "$(few_more && echo yes || descriptors)"

# -- S-48: another service of the name

check S_48_nobody_else_may_take_the_name 'Call failed: Access denied' "$(as bob busctl call org.freedesktop.DBus \
        /org/freedesktop/DBus org.freedesktop.DBus RequestName su org.proctor1 0 2>&1)"
proctord=$(inside systemctl show -P ExecStart proctord | sed 's/.*path=\([^ ]*\) .*/\1/')
check S_48_a_second_one_ends '*is taken*' "$(inside "$proctord" --system 2>&1)"

check victim_runs_on yes "$(is_alive "$victim_pid")"
check service_was_never_restarted 0 "$(inside systemctl show -P NRestarts proctord)"
heard bob '"sleep' secret-argument
heard_nothing big '"sleep' secret-
end_listeners
verdict

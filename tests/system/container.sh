# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For the tests of a whole system: boots a container with systemd, the system bus and polkit in which
# proctor is installed, runs commands in it, and takes all of it away at the end, however that comes.
# Source it with the name of the test, then call container_boot.
#
# From the environment: PROCTOR_BUILD, the build directory; PROCTOR_TEST_CACHE, where the container's
# root is kept; PROCTOR_TEST_HELPERS, a folder that appears in the container as /helpers.

here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
# shellcheck source=tests/system/install.sh
. "$here/install.sh"
scratch=
: "${PROCTOR_TEST_CACHE:=$PROCTOR_BUILD/container}"
shopt -s extglob
leader=
machine=
cgroups=
passed=0
failed=0

skip() {
        echo "SKIP $(basename "$0" .sh): $1"
        exit 77
}

# check NAME PATTERN ACTUAL: the pattern is a shell pattern for the whole
check() {
        # shellcheck disable=SC2254
        case "$3" in
        $2)
                passed=$((passed + 1))
                ;;
        *)
                failed=$((failed + 1))
                printf 'FAILED %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
                ;;
        esac
}

# verdict: the last line and the exit status of a test
verdict() {
        echo "$passed passed, $failed failed"
        [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
        exit
}

# eventually COMMAND...: until it succeeds, at most 20 s
eventually() {
        local deadline=$((SECONDS + 20))
        until "$@" >/dev/null 2>&1; do
                [ "$SECONDS" -lt "$deadline" ] || return 1
                sleep 0.05
        done
}

# inside COMMAND...: as root in the container, with an environment made from nothing
inside() {
        nsenter -t "$leader" -m -u -i -n -p -C -r -w -- env -i LANG=C.UTF-8 TERM=dumb \
                PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}

# as USER COMMAND...: as that user, with his groups, in his home
as() {
        local user=$1
        shift
        inside runuser -u "$user" -- env -C "$(home_of "$user")" HOME="$(home_of "$user")" \
                USER="$user" LOGNAME="$user" "$@"
}

home_of() {
        case "$1" in
        root) echo /root ;;
        *) echo "/home/$1" ;;
        esac
}

# in_session USER COMMAND...: the same with the user's own bus
in_session() {
        local user=$1 uid
        shift
        uid=$(inside id -u "$user")
        as "$user" env XDG_RUNTIME_DIR="/run/user/$uid" \
                DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/$uid/bus" "$@"
}

is_running() {
        grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"
}

container_end() {
        local deadline=$((SECONDS + 10)) job

        trap '' EXIT INT TERM HUP
        if [ -n "$machine" ]; then
                # With its first process all of the container is dead. A shutdown in order would wait
                # a minute for processes that came in from outside: theirs is not to reap.
                [ -z "$leader" ] || kill -KILL "$leader"
                # nor is it that of one outside who stopped as what it brought in was stopped
                for job in $(jobs -pr); do
                        [ "$job" = "$machine" ] || kill -KILL "$job"
                done
                while [ -n "$leader" ] && is_running "$machine" && [ "$SECONDS" -lt "$deadline" ]; do
                        sleep 0.02
                done
                kill -KILL "$machine"
                wait "$machine"
        fi
        # what the kernel still holds for a moment, it gives back
        while [ -n "$cgroups" ] && [ -d "$cgroups" ] && [ "$SECONDS" -lt $((deadline + 10)) ]; do
                find "$cgroups" -depth -type d -exec rmdir {} + || sleep 0.05
        done
        [ -z "$scratch" ] || rm -rf "$scratch"
}

on_exit() {
        local status=$?

        if [ "$status" != 0 ] && [ "$status" != 77 ] && [ -n "$leader" ]; then
                echo "-- the service's journal"
                inside journalctl -q -n 40 --no-pager -u proctord 2>&1
        fi
        container_end 2>/dev/null
        exit "$status"
}

# The program that becomes the container. It has a mount namespace of its own, in which there is only
# cgroup v2, and dies with this test.
machine_main() {
        local root=$1 unified=$2 name=$3

        mount -t tmpfs tmpfs "$scratch/disk" &&
                mkdir "$scratch/disk/"{upper,work,root} &&
                mount -t overlay overlay "$scratch/disk/root" -o \
                        "lowerdir=$scratch/dest:$root,upperdir=$scratch/disk/upper,workdir=$scratch/disk/work" &&
                mkdir "$unified/$name" && echo "$BASHPID" >"$unified/$name/cgroup.procs" || exit 1
        if [ "$unified" != /sys/fs/cgroup ]; then
                umount -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup || exit 1
        fi
        mkdir -p /run/systemd && mount -t tmpfs none /run/systemd || exit 1
        exec env -i PATH="$PATH" SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 \
                setpriv --pdeathsig KILL systemd-nspawn -q -b -D "$scratch/disk/root" --register=no \
                --keep-unit --machine="$name" --console=read-only --private-network \
                --bind-ro="$PROCTOR_TEST_HELPERS:/helpers"
}

# What an administrator does with a prefix that the bus and polkit do not know.
link_foreign_prefix() {
        local dest=$1 file

        file=$(cd "$dest" && find . -path '*/dbus-1/system.d/org.proctor1.conf' | cut -c2-)
        case "$file" in
        /usr/share/* | /etc/*) ;;
        *) mkdir -p "$dest/etc/dbus-1/system.d" && cp "$dest$file" "$dest/etc/dbus-1/system.d/" ;;
        esac
        file=$(cd "$dest" && find . -path '*/polkit-1/actions/org.proctor1.policy' | cut -c2-)
        case "$file" in
        /usr/share/*) ;;
        *)
                mkdir -p "$dest/usr/share/polkit-1/actions" &&
                        cp "$dest$file" "$dest/usr/share/polkit-1/actions/"
                ;;
        esac
}

# A service that was built with a sanitizer says what it finds in the journal.
prepare_sanitizers() {
        local unit

        for unit in system/proctord user/proctord; do
                mkdir -p "$1/etc/systemd/$unit.service.d"
                printf '%s\n' '[Service]' \
                        'Environment=ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:quarantine_size_mb=8' \
                        'Environment=UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1' \
                        >"$1/etc/systemd/$unit.service.d/sanitizers.conf"
        done
}

is_sanitized() {
        grep -qs '"b_sanitize", "value": "[^n]' "$PROCTOR_BUILD/meson-info/intro-buildoptions.json"
}

# Ready when systemd says that everything is up.
is_up() {
        [ "$(inside systemctl is-system-running 2>/dev/null)" = running ]
}

# The child of the container's program that is the first process in there.
find_leader() {
        local pid

        for pid in $(cat "/proc/$machine/task/$machine/children"); do
                grep -q '^NSpid:.*[[:space:]]1$' "/proc/$pid/status" &&
                        [ "$(cat "/proc/$pid/comm")" = systemd ] && leader=$pid && return
        done
        return 1
}

check_machine() {
        local tool

        [ "$(id -u)" = 0 ] || skip "not root"
        for tool in systemd-nspawn debootstrap nsenter setpriv unshare meson; do
                command -v "$tool" >/dev/null || skip "$tool is not installed"
        done
        unified=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
        [ -n "$unified" ] && [ -w "$unified/cgroup.procs" ] || skip "no cgroup v2 that can be written"
        unshare -m --propagation private true 2>/dev/null || skip "no mount namespaces"
}

# container_boot [nothing-installed]: until the system is running, with proctor installed or without
container_boot() {
        local root r name unified

        check_machine
        root=$(bash "$here/root.sh" "$PROCTOR_TEST_CACHE" 2>&1)
        r=$?
        [ "$r" != 77 ] || skip "$root"
        [ "$r" = 0 ] || {
                echo "the container's root could not be built: $root"
                exit 1
        }
        root=${root##*$'\n'}
        scratch=$(mktemp -d)
        trap on_exit EXIT
        trap 'exit 1' INT TERM HUP
        mkdir "$scratch/disk" "$scratch/dest"
        if [ "${1-}" != nothing-installed ]; then
                install_into "$PROCTOR_BUILD" "$scratch/dest" &&
                        link_foreign_prefix "$scratch/dest" || exit 1
                is_sanitized && prepare_sanitizers "$scratch/dest"
        fi
        name=test-of-proctor-$$
        cgroups=$unified/$name
        export scratch
        export -f machine_main
        setsid unshare -m --propagation private \
                bash -c 'machine_main "$@"' machine "$root" "$unified" "$name" \
                >"$scratch/console.log" 2>&1 </dev/null &
        machine=$!
        eventually find_leader && eventually is_up || {
                echo "the container did not come up:"
                tail -n 30 "$scratch/console.log"
                [ -z "$leader" ] || inside systemctl --failed --no-pager
                exit 1
        }
        inside ldconfig
}

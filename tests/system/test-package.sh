#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The Debian packages: they build, lintian finds no error, and in a booted container they are
# installed, the service is started by the bus and used, and after they were removed nothing is left.
set -u

# shellcheck source=tests/system/container.sh
. "$(dirname "$0")/container.sh"

for tool in dpkg-buildpackage dh lintian g-ir-scanner vapigen; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
done

packages=$(mktemp -d)
# found by the container as /helpers
export PROCTOR_TEST_HELPERS=$packages
end_packages() {
        rm -rf "$packages"
        on_exit
}

build_packages() {
        local tree=$packages/tree
        mkdir "$tree" &&
                git -C "$here/../.." ls-files -z --cached --others --exclude-standard |
                (cd "$here/../.." && xargs -0 cp --parents -t "$tree") &&
                (cd "$tree" && dpkg-buildpackage -us -uc -b) >"$packages/build.log" 2>&1
}

# What is in the file system but for what programs keep about themselves.
files() {
        inside find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/log \
                -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/lib/systemd -o -path /helpers \
                -o -path /etc/machine-id -o -path /etc/ld.so.cache -o -path /var/tmp \) -prune -o -print |
                sort
}

if ! build_packages; then
        echo "the packages could not be built:"
        tail -n 40 "$packages/build.log"
        rm -rf "$packages"
        exit 1
fi
check four_packages_are_built 4 "$(find "$packages" -name '*.deb' ! -name '*-dbgsym_*' | wc -l)"
check lintian_finds_no_error '' \
        "$(lintian --allow-root --fail-on none --tag-display-limit 0 "$packages"/*.changes 2>&1 | grep '^E:')"
contents=$(dpkg -c "$packages"/libproctor-dev_*.deb)
for file in /usr/include/proctor/proctor.h /libproctor.so /proctor-1.pc /Proctor-1.0.gir /proctor-1.vapi; do
        check "dev_has_${file##*/}" yes "$(grep -q "$file" <<<"$contents" && echo yes)"
done
check gir_has_the_typelib yes \
        "$(dpkg -c "$packages"/gir1.2-proctor-1.0_*.deb | grep -q Proctor-1.0.typelib && echo yes)"

container_boot nothing-installed
trap end_packages EXIT
before=$(files)
check packages_install 0 "$(inside sh -c \
        'dpkg -i /helpers/libproctor1_*.deb /helpers/proctor_*.deb' >"$scratch/install.log" 2>&1
        echo $?)"
[ "$failed" = 0 ] || cat "$scratch/install.log"
inside systemctl reload dbus
check the_bus_starts_the_service 'ou "/org/proctor1/process/1" *' \
        "$(as alice busctl call org.proctor1 /org/proctor1 org.proctor1.Manager StartProcess \
                'asa{sv}' 2 sleep 600 1 Name s nap 2>&1)"
check the_tool_finds_it '*nap*running*' "$(as alice proctor --system ps 2>&1)"
[ "$failed" = 0 ] || inside journalctl -q --no-pager -n 30
check the_unit_is_active active "$(inside systemctl is-active proctord)"
check the_private_mode_works hello "$(as bob proctor run -- echo hello 2>&1)"
sleeper=$(as alice proctor --system --json status nap | sed -n 's/.*"PID" *: *\([0-9]*\).*/\1/p')
check packages_purge 0 "$(inside dpkg -P proctor libproctor1 >"$scratch/purge.log" 2>&1
        echo $?)"
check the_service_has_ended '' "$(inside pgrep -x proctord)"
check its_processes_have_ended 1 "$(inside kill -0 "$sleeper" 2>/dev/null
        echo $?)"
check nothing_is_left '' "$(diff <(echo "$before") <(files))"
verdict

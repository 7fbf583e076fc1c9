#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# S-40, S-42, S-44: one user at all his limits, and one with as many connections that are told of all
# that he does as the bus lets him have, in a booted container; another one's calls are answered in
# time, and what the first one had is given back when he stops. PROCTOR_TEST_FLOOD is for how many
# seconds, PROCTOR_TEST_LATENCY how many microseconds a call may take at the 99th percentile.
set -u

# shellcheck source=tests/system/container.sh
. "$(dirname "$0")/container.sh"
# shellcheck source=tests/system/bus-cases.sh
. "$(dirname "$0")/bus-cases.sh"
# shellcheck source=tests/system/listener.sh
. "$(dirname "$0")/listener.sh"
container_boot

helper=/helpers/helper-caller
seconds=${PROCTOR_TEST_FLOOD:-8}
limit=${PROCTOR_TEST_LATENCY:-10000}
growth=2048 # KiB
if is_sanitized; then # it works several times as much, and keeps what is freed for a while
        limit=$((limit * 5))
        growth=$((growth * 16))
fi

# p99 KIND: of what was measured last
p99() {
        awk -v kind="$1" '$1 == kind { print $3 }' <<<"$loaded"
}

# check_latency NAME
check_latency() {
        local most=$limit kind
        # a machine that is busy with something else lets the bus itself answer late
        [ "$most" -ge $(($(p99 bus) * 3)) ] || most=$(($(p99 bus) * 3))
        for kind in starts others; do
                check "$1_another_ones_${kind}_take_at_most_$most" yes \
                        "$([ "$(p99 $kind)" -le "$most" ] && echo yes || echo "$loaded")"
        done
        printf '%s: median, 99th percentile, maximum in us, calls\n%s\n' "$1" "$loaded"
}

inside systemctl start proctord
listen big
# what is made once and kept is there before it counts
as alice "$helper" flood 1 >/dev/null
manager alice Shutdown >/dev/null
all_gone() {
        [ "$(inside pgrep -cu alice)" = 0 ] && [ "$(manager alice ListProcesses)" = 'a(oussis) 0' ]
}
eventually all_gone

descriptors_before=$(descriptors)
memory_before=$(memory)
waited_for=$(start alice 2 sleep 5000 1 TimeoutUSec t 18446744073709551615)
# a tree that it takes long to look at
tree=$(start alice 3 sh -c 'for i in $(seq 1000); do sleep 5002 & done; wait' 1 \
        TimeoutUSec t 18446744073709551615)
full_tree() {
        [ "$(inside pgrep -fc 'sleep 5002')" -ge 1000 ]
}
eventually full_tree
nsenter -t "$leader" -a -- runuser -u alice -- env WAIT_FOR="$waited_for" LOOK_AT="$tree" "$helper" flood "$seconds" \
        </dev/null >"$scratch/flood" 2>&1 &
flood=$!
eventually grep -qx ready "$scratch/flood"
loaded=$(as bob "$helper" latency $((seconds - 1)))
check S_40_starts_beyond_the_limit_are_refused '*imit*' "$(until start alice 2 sleep 5001 0 | grep -i limit; do :; done)"
check S_40_another_one_may_start bob "$(output bob id -un)"
wait "$flood"
peak=$(memory)
check S_40_limits_were_reached 'started [1-9]* limited [1-9]* held * listed [1-9]*' "$(tail -n 1 "$scratch/flood")"
check_latency S_40

manager alice Shutdown >/dev/null
eventually all_gone
nsenter -t "$leader" -a -- runuser -u alice -- "$helper" crowd 200 "$((seconds / 2 + 2))" \
        </dev/null >"$scratch/crowd" 2>&1 &
crowd=$!
eventually grep -qx ready "$scratch/crowd"
loaded=$(as bob "$helper" latency $((seconds / 2)))
wait "$crowd"
check S_44_processes_were_started 'started [1-9]* limited * told [1-9]* MB' "$(tail -n 1 "$scratch/crowd")"
check_latency S_44

manager alice Shutdown >/dev/null
manager bob Shutdown >/dev/null
eventually all_gone
check S_40_all_is_gone yes "$(all_gone && echo yes || manager alice ListProcesses)"
few_more() {
        [ "$(descriptors)" -le $((descriptors_before + 4)) ]
}
eventually few_more
check S_40_descriptors_are_back yes "$(few_more && echo yes || descriptors)"
grown=$(($(memory) - memory_before))
check S_40_memory_is_back yes "$([ "$grown" -le "$growth" ] && echo yes || echo "$grown KiB more")"
check S_40_no_cgroup_is_left 0 "$(inside find /sys/fs/cgroup/system.slice/proctord.service \
        -mindepth 2 -type d -name 'p[0-9]*' | wc -l)"
echo "$(tail -n 1 "$scratch/flood"); memory $memory_before KiB before, $peak at the end, +$grown after"
heard_nothing big '"sleep"' 0123456789
end_listeners
verdict

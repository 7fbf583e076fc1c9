#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# proctor run as the command of a Slurm step, on a cluster of one machine that this test brings up for
# itself: exact exit codes, a hang that ends the step, and a cancelled step that leaves nothing. And as
# the command of GNU parallel.
#
#   test-slurm.sh PROCTOR PROCTORD
set -u

proctor=$(realpath "$1")
PROCTOR_DAEMON=$(realpath "$2")
export PROCTOR_DAEMON
export PATH=/usr/sbin:$PATH

for tool in slurmctld slurmd srun scancel munged parallel; do
        if ! command -v "$tool" >/dev/null; then
                echo "SKIP test-slurm: $tool is not installed"
                exit 77
        fi
done
if [ "$(id -u)" != 0 ]; then
        echo "SKIP test-slurm: slurmd needs root"
        exit 77
fi

passed=0
failed=0
scratch=$(mktemp -d)
pids=()
finish() {
        for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
                kill "${pids[i]}" 2>/dev/null
                wait "${pids[i]}" 2>/dev/null
        done
        rm -rf "$scratch"
}
trap finish EXIT

check() {
        if [ "$2" = "$3" ]; then
                passed=$((passed + 1))
        else
                failed=$((failed + 1))
                printf 'FAILED %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
        fi
}

# eventually COMMAND...: until it succeeds, at most 20 s
eventually() {
        local deadline=$((SECONDS + 20))
        until "$@"; do
                [ $SECONDS -lt $deadline ] || return 1
                sleep 0.05
        done
}

free_port() {
        python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])'
}

bring_up() {
        local host
        host=$(hostname -s)
        mkdir -p "$scratch/state" "$scratch/spool" "$scratch/munge"
        chmod 711 "$scratch" "$scratch/munge"
        (umask 077 && head -c 1024 /dev/urandom >"$scratch/munge/key")
        munged --foreground --force --key-file="$scratch/munge/key" --socket="$scratch/munge/socket" \
                --pid-file="$scratch/munge/pid" --seed-file="$scratch/munge/seed" \
                --log-file="$scratch/munge/log" >"$scratch/munged.out" 2>&1 &
        pids+=($!)
        eventually test -S "$scratch/munge/socket" || return 1
        cat >"$scratch/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$scratch/munge/socket
CredType=cred/munge
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
StateSaveLocation=$scratch/state
SlurmdSpoolDir=$scratch/spool
SlurmctldPidFile=$scratch/slurmctld.pid
SlurmdPidFile=$scratch/slurmd.pid
SlurmctldLogFile=$scratch/slurmctld.log
SlurmdLogFile=$scratch/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/builtin
SelectType=select/linear
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
KillWait=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
        export SLURM_CONF=$scratch/slurm.conf
        slurmctld -D -c >/dev/null 2>&1 &
        pids+=($!)
        slurmd -D >/dev/null 2>&1 &
        pids+=($!)
        eventually sh -c 'sinfo -h -o %T 2>/dev/null | grep -q idle'
}

step() {
        timeout 60 srun --quiet -n1 "$proctor" run "$@" 2>"$scratch/stderr"
        echo $?
}

if ! bring_up; then
        echo "SKIP test-slurm: no cluster comes up here: $(tail -n1 "$scratch/slurmctld.log" 2>/dev/null)"
        exit 77
fi

check "a step succeeds" "0" "$(step -- true)"
check "a step's exit code is the program's" "42" "$(step -- sh -c 'exit 42')"
check "a program that is not there" "127" "$(step -- /no/such/program)"
check "output goes through" "$(printf 'of the step\n0')" "$(step -- echo 'of the step')"
check "a hang ends the step" "124" "$(step --activity=notify --timeout=500ms --extra-buffer=0 -- sleep 300)"
check "a step that computes" "0" \
        "$(step --activity=cpu --timeout=10min -- sh -c 'for i in 1 2 3; do :; done')"
check "a step that runs too long" "124" "$(step --max-runtime=500ms -- sleep 300)"

# A program that leaves children in sessions of their own; the scheduler is told to cancel.
mark=$((30000 + $$ % 10000)).$RANDOM
srun --quiet --job-name=cancelled -n1 "$proctor" run -- \
        sh -c "setsid sleep $mark & setsid -f sleep $mark; wait" >/dev/null 2>&1 &
running() { [ "$(pgrep -fc "^sleep $mark")" = 2 ]; }
gone() { ! pgrep -f "^sleep $mark" >/dev/null; }
eventually running
check "its children run" "0" "$?"
scancel --name=cancelled
eventually gone
check "a cancelled step leaves nothing" "0" "$?"
wait $!

parallel --will-cite --jobs 2 --joblog "$scratch/joblog" "$proctor" run --max-runtime=500ms -- sh -c {} \
        ::: 'exit 0' 'exit 7' 'sleep 300' >/dev/null 2>&1
check "GNU parallel's log has the exit codes" "0 7 124" \
        "$(sort -n "$scratch/joblog" | awk 'NR > 1 { printf "%s%s", separator, $7; separator = " " }')"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

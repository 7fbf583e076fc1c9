#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is known of a process that hangs, as its user reads it: the dossier over the bus and in
# proctor status.
#
#   test-dossier.sh PROCTOR PROCTORD
set -u

. "$(dirname "$0")/tool-util.sh"

if ! command -v busctl >/dev/null; then
        echo "SKIP test-dossier: busctl is not installed"
        exit 77
fi

# dossier ID: what GetDossier answers, as JSON in one line
dossier() {
        busctl --user --json=short call org.proctor1 \
                "/org/proctor1/process/$1" org.proctor1.Process GetDossier
}

start_bus
start_service
mkfifo "$scratch/fifo"

# ---- of one that was ended because it hung

id=$("$proctor" start -q -n hung --timeout=200ms --extra-buffer=0 \
        sh -c 'echo last words; exec cat <>"$0"' "$scratch/fifo")
check it_hung 124 "$(code "$proctor" wait -q hung)"
kept=$(dossier "$id")
check the_bus_has_its_reason '*"Reason":{"type":"s","data":"hang"}*' "$kept"
check the_bus_has_the_call '*"SystemCall":{"type":"s","data":"read"}*' "$kept"
check the_bus_has_descriptors "*\"FileDescriptors\":{\"type\":\"a(us)\",\"data\":\[\[0,\"$scratch/fifo\"],*" "$kept"
check the_bus_has_the_last_output '*"LastStdout":{"type":"ay","data":\[108,97,115,116,*' "$kept"
check it_is_kept yes "$([[ $kept == "$(dossier "$id")" ]] && echo yes)"
shown=$("$proctor" status hung)
check status_tells_the_call "*What it was doing at*
  [0-9]* (cat): sleeping in read of descriptor 0, $scratch/fifo*
    open: 0 $scratch/fifo, 1 pipe:*
Last lines of standard output:
  last words" "$shown"
check status_json_has_it "*\"Dossier\" : {*\"Reason\" : \"hang\"*\"SystemCall\" : \"read\"*\"0\" : \"$scratch/fifo\"*" \
        "$("$proctor" status --json hung)"

# ---- of others

id=$("$proctor" start -q -n alive sleep 600)
check of_a_running_one_it_is_a_look_now '*"Reason":{"type":"s","data":"request"}*"Name":{"type":"s","data":"sleep"}*' \
        "$(dossier "$id")"
check status_does_not_show_that '' "$("$proctor" status alive | grep 'What it was doing')"
"$proctor" stop -q alive
check of_one_that_did_not_hang_there_is_none '{"type":"a{sv}","data":\[{}\]}' "$(dossier "$id")"
check json_says_so '*"Dossier" : null*' "$("$proctor" status --json alive)"

# ---- input

mkfifo "$scratch/keys"
"$proctor" start -q -n asker sh -c 'exec <>"$0"; echo Hello; printf "Password: "; read x; sleep 600' \
        "$scratch/keys" >/dev/null
asks() {
        "$proctor" status asker | grep -qx " *Waiting: for input: 'Password: '"
}
check status_tells_what_it_waits_for 0 "$(eventually asks; echo $?)"
check json_tells_it '*"WaitingForInput" : true*"Prompt" : "Password: "*' \
        "$("$proctor" status --json asker)"
echo secret >"$scratch/keys"
check it_waits_no_longer 0 "$(eventually eval '! asks'; echo $?)"
check json_tells_that_too '*"WaitingForInput" : false*"Prompt" : ""*' \
        "$("$proctor" status --json asker)"

# ---- the signal to dump

"$proctor" start -q -n dumper --timeout=100ms --extra-buffer=0 --hang-signal=QUIT \
        --hang-signal-timeout=100ms \
        sh -c 'trap "echo dumped" QUIT; while :; do sleep 600 & wait; done' >/dev/null
check status_tells_the_dump '*Dump: SIGQUIT when it hangs; after 100ms as any stop*' \
        "$("$proctor" status dumper)"
check it_still_is_a_hang 124 "$(code "$proctor" wait -q dumper)"
check it_has_dumped dumped "$("$proctor" logs dumper)"
check who_ends_by_it_hung '124||proctor: *ended by SIGABRT*' \
        "$(both "$proctor" run --hang-signal=ABRT --rlimit CORE=0 -t 100ms --extra-buffer=0 sleep 600)"
check it_needs_a_watchdog 125 "$(code "$proctor" run --hang-signal=ABRT true)"
check its_time_needs_it 125 "$(code "$proctor" run -t 1s --hang-signal-timeout=1s true)"

conclude test-dossier 22

#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completions: what the tool offers, and each shell that is there, with keys typed into it on a
# terminal: a line that was completed does what it says.
#
#   test-completions.sh PROCTOR PROCTORD COMPLETIONS
set -u

completions=$(realpath "$3")
. "$(dirname "$0")/tool-util.sh"
on_terminal="$(dirname "$0")/on-terminal.py"

start_bus
start_service
mkdir "$scratch/bin" "$scratch/home" "$scratch/directory" "$scratch/fpath"
ln -s "$proctor" "$scratch/bin/proctor"
export PATH="$scratch/bin:$PATH" HOME="$scratch/home"

"$proctor" start -q -n sleeper sleep 600 >/dev/null
"$proctor" start -q -n two sleep 600 >/dev/null
"$proctor" start -q -n two sleep 600 >/dev/null
"$proctor" start -q -n 'odd name' sleep 600 >/dev/null
"$proctor" start -q -n gone true >/dev/null
"$proctor" wait -q gone

# ---- what the tool offers

# offered WORD...: the candidates in one line
offered() {
        "$proctor" complete -- "$@" | cut -f 1 | tr '\n' ' '
}

check verbs "$("$proctor" help --json | python3 -c 'import json, sys; print(*(v["Name"] for v in json.load(sys.stdin)["Verbs"] if " " not in v["Name"]), "")')" \
        "$(offered '')"
check verbs_by_their_beginning 'stats status ' "$(offered stat | tr ' ' '\n' | sort | xargs | sed 's/$/ /')"
check verbs_say_what_they_do $'ps\tlist processes' "$("$proctor" complete -- ps)"
check options_of_a_verb '--sort= ' "$(offered top --so)"
check options_of_every_verb '--session ' "$(offered top --ses)"
check options_before_the_verb '--json ' "$(offered --js)"
check no_option_after_the_last '' "$(offered top -- --so)"
check values_after_an_equals_sign '--sort=memory ' "$(offered top --sort=m)"
check values_in_a_word_of_their_own 'memory ' "$(offered top --sort m)"
check values_after_a_letter 'memory ' "$(offered top -s m)"
check values_that_the_help_lists '--kill-mode=tree --kill-mode=process ' "$(offered start --kill-mode=)"
check directories ':directories ' "$(offered start --cwd=x)"
check a_live_process 'sleeper ' "$(offered stop sl)"
check live_processes 'sleeper 2 3 odd name ' "$(offered stop '')"
check all_processes 'sleeper 2 3 odd name gone ' "$(offered status '')"
check finished_processes 'gone ' "$(offered collect '')"
check a_process_by_its_id '1 ' "$(offered stop 1)"
check a_process_by_its_kind 'name:sleeper ' "$(offered stop name:sl)"
check further_processes 'sleeper ' "$(offered stop two sl)"
check only_one_process_where_one_is_taken '' "$(offered logs sleeper sl)"
check signals 'USR1 USR2 ' "$(offered signal US)"
check processes_after_a_signal 'sleeper ' "$(offered signal TERM sl)"
check a_command ':command 1 ' "$(offered run ec)"
check a_command_after_options ':command 3 ' "$(offered run --name x ec)"
check arguments_of_a_command ':command 2 ' "$(offered run -- ec -)"
check options_before_a_command '--name= ' "$(offered run --na)"
check nothing_after_what_there_is_not '' "$(offered nonsense --)$(offered nonsense '')"
check processes_of_another_bus '' "$(DBUS_SESSION_BUS_ADDRESS=unix:path=/no/such offered stop sl)"
check processes_of_the_bus_that_is_named 'sleeper ' \
        "$(DBUS_SESSION_BUS_ADDRESS=unix:path=/no/such offered stop --address="$DBUS_SESSION_BUS_ADDRESS" sl)"
check help_on_verbs 'monitor ' "$(offered help mo)"
"$proctor" group create crew
"$proctor" group add crew cook true
check verbs_of_a_verb 'start status stop signal ' "$(offered group s)"
check options_of_a_verb_of_a_verb '--on-failure=stop-all ' "$(offered group create --on-failure=s)"
check groups 'crew ' "$(offered group start '')"
check no_group_where_a_new_name_stands '' "$(offered group create cr)"
check groups_after_a_signal 'crew ' "$(offered group signal TERM '')"
check members_of_a_group 'cook ' "$(offered group remove crew '')"
check a_command_after_two_names ':command 4 ' "$(offered group add crew mate ec)"
check options_between_the_names_and_a_command '--name= ' "$(offered group add crew mate --na)"

# ---- bash

cat >"$scratch/bashrc" <<RC
PS1='ready> '
. '$completions/proctor.bash'
RC
# typed_into_bash SEEN KEYS
typed_into_bash() {
        "$on_terminal" 24x200 see='ready> ' type="$2"'\r' see="$1" see='ready> ' type='\x04' end \
                -- bash --rcfile "$scratch/bashrc" --noprofile -i
}
check bash_completes_a_verb 'code=0 *' "$(typed_into_bash 'service ' 'proctor versi\t--session')"
check bash_completes_an_option 'code=0 *' "$(typed_into_bash gone 'proctor ps --al\t')"
check bash_completes_a_value 'code=0 *' "$(typed_into_bash sleeper 'proctor top -n1 -b --sort=mem\t')"
check bash_completes_a_directory 'code=0 *' \
        "$(typed_into_bash "$scratch/directory" "proctor run --cwd=$scratch/direc"'\t pwd')"
check bash_completes_an_odd_name 'code=0 *' "$(typed_into_bash 'stopped SIGTERM' 'proctor stop od\t')"
check bash_completes_a_command 'code=0 *' "$(typed_into_bash 24 'proctor run stt\t size')"
"$proctor" start -q -n mine sleep 600 >/dev/null
check bash_completes_a_live_process 'code=0 *' \
        "$(typed_into_bash "'mine' (6): stopped SIGTERM" 'proctor stop mi\t')"
check bash_completes_a_prefixed_name 'code=0 *' \
        "$(typed_into_bash "'mine' (6)" 'proctor status name:mi\t')"

# ---- zsh

if command -v zsh >/dev/null; then
        cp "$completions/_proctor" "$scratch/fpath/_proctor"
        cat >"$scratch/home/.zshrc" <<RC
PROMPT='ready> '
fpath=('$scratch/fpath' \$fpath)
autoload -U compinit
compinit -u -D
RC
        # typed_into_zsh SEEN KEYS
        typed_into_zsh() {
                ZDOTDIR=$HOME "$on_terminal" 24x200 see='ready> ' type="$2" see="$1" type='\x15exit 0\r' end \
                        -- zsh -d -i
        }
        check zsh_completes_a_verb 'code=0 *' "$(typed_into_zsh 'service ' 'proctor versi\t--session\r')"
        check zsh_completes_an_option 'code=0 *' "$(typed_into_zsh gone 'proctor ps --al\t\r')"
        "$proctor" start -q -n mine sleep 600 >/dev/null
        check zsh_completes_a_live_process 'code=0 *' \
                "$(typed_into_zsh "'mine' (7): stopped SIGTERM" 'proctor stop mi\t\r')"
else
        echo "completions: zsh is not installed, left out"
fi

# ---- fish

if command -v fish >/dev/null; then
        # offered_by_fish LINE
        offered_by_fish() {
                fish --no-config -c "source '$completions/proctor.fish'; complete -C \"\$argv[1]\"" -- "$1" |
                        cut -f 1 | tr '\n' ' '
        }
        check fish_completes_a_verb 'version ' "$(offered_by_fish 'proctor versi')"
        check fish_completes_an_option '--all ' "$(offered_by_fish 'proctor ps --al')"
        check fish_completes_a_live_process 'sleeper ' "$(offered_by_fish 'proctor stop sl')"
        check fish_completes_a_directory "--cwd=$scratch/directory/ " \
                "$(offered_by_fish "proctor start --cwd=$scratch/direc")"
else
        echo "completions: fish is not installed, left out"
fi

conclude completions 38

# SPDX-License-Identifier: LGPL-2.1-or-later
#
# bash completion for proctor(1): the tool says itself what a command line can go on with.

_proctor() {
        local -a words=("") first=(0)
        local i word line candidate prefix= joined=

        # bash breaks words at = and :, the tool does not
        for ((i = 1; i <= COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if ((i > 1)) && [[ $word == [=:]* || $joined ]]; then
                        words[-1]+=$word
                elif ((i == 1)); then
                        words=("$word") first=(1)
                else
                        words+=("$word") first+=("$i")
                fi
                joined=
                [[ $word == *[=:] && $COMP_LINE == *"${words[-1]}"* ]] && joined=1
        done
        word=${words[-1]}
        prefix=${word%"${word##*[=:]}"}

        COMPREPLY=()
        while IFS= read -r line; do
                case $line in
                :directories)
                        mapfile -t COMPREPLY < <(compgen -d -- "${word##*=}")
                        compopt -o filenames
                        ;;
                :files)
                        mapfile -t COMPREPLY < <(compgen -f -- "${word##*=}")
                        compopt -o filenames
                        ;;
                :command\ *)
                        i=${line#:command }
                        if declare -F _command_offset >/dev/null; then
                                _command_offset "${first[i]}"
                        elif ((i + 1 == ${#words[@]})); then
                                mapfile -t COMPREPLY < <(compgen -c -- "$word")
                        else
                                mapfile -t COMPREPLY < <(compgen -f -- "$word")
                                compopt -o filenames
                        fi
                        ;;
                *)
                        candidate=${line%%$'\t'*}
                        [[ $candidate == *= ]] && compopt -o nospace
                        candidate=${candidate#"$prefix"}
                        [[ $candidate == *= ]] || printf -v candidate %q "$candidate"
                        COMPREPLY+=("$candidate")
                        ;;
                esac
        done < <("$1" complete -- "${words[@]}" 2>/dev/null)
}

complete -F _proctor proctor

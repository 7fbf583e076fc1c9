# SPDX-License-Identifier: LGPL-2.1-or-later
#
# fish completion for proctor(1): the tool says itself what a command line can go on with.

function __proctor_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l value (string replace -r '^--[^=]*=' '' -- $current)
    set -l prefix (string match -r '^--[^=]*=' -- $current)

    for line in ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':directories'
                for path in (__fish_complete_directories "$value")
                    echo $prefix$path
                end
            case ':files'
                for path in (__fish_complete_path "$value")
                    echo $prefix$path
                end
            case ':command *'
                set -l skip (math (string replace ':command ' '' -- $line) + 1)
                __fish_complete_subcommand --fcs-skip=$skip
            case '*'
                echo $line
        end
    end
end

complete -c proctor -f -a '(__proctor_complete)'

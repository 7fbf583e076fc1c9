# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# S-16: users who take whatever the bus gives them, subscribed to everything that they can, while a test
# uses the service. One who has nothing of his own must hear of nothing; one who has something shows that
# there was something to hear. Source it after container.sh; the service has to run.

listeners=()

# listen USER: from now on
listen() {
        inside install -o "$1" -m 600 /dev/null "/run/heard-$1"
        # shellcheck disable=SC2154
        nsenter -t "$leader" -a -- runuser -u "$1" -- sh -c \
                "exec /helpers/helper-caller listen >/run/heard-$1 2>&1" </dev/null >/dev/null 2>&1 &
        listeners+=($!)
        eventually inside grep -qx ready "/run/heard-$1"
        check S_16_anybody_may_subscribe 'subscribe: ok' "$(inside grep '^subscribe:' "/run/heard-$1")"
}

# count_heard USER WORD: in how many lines
count_heard() {
        inside grep -cF -- "$2" "/run/heard-$1"
}

# heard_all USER: the bus gives everybody its messages in their order; with what it says about a
# connection made now, he has had all that came before.
heard_all() {
        local user=$1 before
        before=$(count_heard "$user" NameOwnerChanged)
        # shellcheck disable=SC2329
        heard_more() {
                [ "$(count_heard "$user" NameOwnerChanged)" -gt "$before" ]
        }
        inside busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus GetId >/dev/null
        eventually heard_more
        check "S_16_${user}_has_heard_the_bus" yes "$(heard_more && echo yes)"
}

# heard_nothing_of USER WORD...: no byte of it
heard_nothing_of() {
        local user=$1 word
        heard_all "$user"
        for word in "${@:2}"; do
                check "S_16_${user}_heard_nothing_of: $word" 0 "$(count_heard "$user" "$word")"
        done
}

# heard_nothing USER WORD...: nor of any process or group
heard_nothing() {
        heard_nothing_of "$1" /org/proctor1/ org.proctor1.Manager org.proctor1.Process \
                org.proctor1.Group "${@:2}"
}

# heard USER WORD...: all of that
heard() {
        local user=$1 word
        heard_all "$user"
        for word in "${@:2}"; do
                check "S_16_${user}_heard_of: $word" '[1-9]*' "$(count_heard "$user" "$word")"
        done
}

end_listeners() {
        kill "${listeners[@]}"
}

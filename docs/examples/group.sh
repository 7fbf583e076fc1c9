#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Starts a web server and a database together, as a group, signals them, waits for both, asks how they
# ended, and removes what is left: a shell script with the tool.

set -eu

proctor group create site
proctor group add site web_server -- sh -c 'trap "exit 3" USR1; echo ready; while :; do sleep 0.1; done'
proctor group add site database -- sh -c 'trap "exit 0" USR1; echo ready; while :; do sleep 0.1; done'
trap 'proctor group remove site' EXIT

echo "started $(proctor group start site | grep -c Started) processes"

# they can be signalled when they have said that they are
for member in web_server database; do
        until proctor logs "$member" | grep -q ready; do sleep 0.05; done
done
proctor group signal USR1 site

status=0
proctor group wait --timeout=60s site >/dev/null || status=$?
echo "the group returned $status"
proctor group status --json site | tr -d ' \n' |
        grep -o '"Member":"[a-z_]*"[^}]*"Result":"[a-z-]*"' | sed 's/"Member":"\([^"]*\)".*"Result":"\([^"]*\)"/\1: \2/' | sort

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""README.md says nothing that there is not: its commands exist and know the options that are shown,
its links lead somewhere, the members that it calls are in the interfaces.

    lint-readme.py SOURCE-ROOT PROCTOR PROCTORD"""

import os
import re
import subprocess
import sys
import tree

top, tool, service = tree.root(), sys.argv[2], sys.argv[3]
text = tree.read(top, "README.md")
found = []


def help_of(*command):
    run = subprocess.run([*command, "--help"], capture_output=True, text=True)
    if run.returncode != 0:
        found.append("'%s --help' fails" % " ".join(map(os.path.basename, command)))
    return run.stdout + run.stderr


def check_options(line, program, *verb):
    known = help_of(program, *verb)
    for option in re.findall(r"\s(--[a-z][a-z-]*)", line.split(" -- ")[0]):
        if option not in known:
            found.append("'%s': there is no %s" % (line, option))


commands = [line.split("#")[0].strip() for block in re.findall(r"```sh\n(.*?)```", text, re.S)
            for line in block.split("\n")]
for line in filter(None, commands):
    words = line.split()
    if words[0].startswith("tools/"):
        path = os.path.join(top, words[0])
        if not os.access(path, os.X_OK):
            found.append("'%s': not there, or not executable" % words[0])
    elif words[0] == "proctord":
        check_options(line.rstrip("& "), service)
    elif words[0] == "proctor":
        check_options(line, tool, words[1])
for interface, member in re.findall(r"org\.proctor1\.(Manager|Process|Watchdog) (\w+)", text):
    document = tree.read(top, "dbus/org.proctor1.%s.xml" % interface)
    if '<method name="%s"' % member not in document:
        found.append("%s has no method %s" % (interface, member))
for target in re.findall(r"\]\(([^)#:]+)\)", text):
    if not os.path.exists(os.path.join(top, target)):
        found.append("the link to %s leads nowhere" % target)
tree.verdict(found, "README.md")

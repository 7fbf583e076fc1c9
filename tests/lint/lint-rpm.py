#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""data/rpm/proctor.spec packs what is installed: every file is in exactly one %files section, every
line there is about something, and it builds this version. Where there is rpmspec, it reads the spec.

    lint-rpm.py SOURCE-ROOT BUILD-ROOT"""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tree

top, build = tree.root(), sys.argv[2]
# what a build leaves out where the machine lacks the tool for it
OPTIONAL = re.compile(r"/girepository-1\.0/|/gir-1\.0/|/vala/|/doc/")
FILE = re.compile(r"^(?:%(?:config\(noreplace\)|dir) +)?(%\{_\w+\}/\S+)$")
found = []


def introspect(name):
    with open(os.path.join(build, "meson-info", "intro-%s.json" % name), encoding="utf-8") as file:
        return json.load(file)


options = {option["name"]: option["value"] for option in introspect("buildoptions")}
prefix = options["prefix"]
places = {name: os.path.join(prefix, options[name]) for name in
          ("bindir", "datadir", "includedir", "libdir", "libexecdir", "mandir", "sysconfdir")}
places["docdir"] = places["datadir"] + "/doc"
installed = sorted(introspect("installed").values())
# the units have places of their own, which depend on the machine
for macro, kind in {"unitdir": "system", "userunitdir": "user"}.items():
    units = [path for path in installed if path.endswith("/%s/proctord.service" % kind)]
    places[macro] = os.path.dirname(units[0]) if units else "/nowhere"

text = tree.read(top, "data/rpm/proctor.spec")
packages = {}
for section in re.split(r"^(?=%files)", text, flags=re.M)[1:]:
    heading, *lines = re.split(r"^%(?:changelog|files)", section[1:], flags=re.M)[0].split("\n")
    for line in filter(None, lines):
        match = FILE.match(line)
        if match:
            pattern = re.sub(r"%\{_(\w+)\}", lambda macro: places[macro.group(1)], match.group(1))
            packages.setdefault(heading, []).append((line, pattern))
        elif not re.match(r"%(license|doc) ", line):
            found.append("%%%s: what is '%s'?" % (heading, line))


def holds(pattern, path):
    if pattern.endswith("/"):
        return (path + "/").startswith(pattern)
    return fnmatch.fnmatchcase(path, pattern)


for path in installed:
    owners = [line for lines in packages.values() for line, pattern in lines
              if not line.startswith("%dir") and holds(pattern, path)]
    if len(owners) != 1:
        found.append("%s is in %d lines of %%files: %s" % (path, len(owners), owners))
for heading, lines in packages.items():
    found += ["%%%s: '%s' packs nothing" % (heading, line) for line, pattern in lines
              if not OPTIONAL.search(pattern) and
              not any(holds(pattern, path) or path.startswith(pattern + "/") for path in installed)]

version = introspect("projectinfo")["version"]
if not re.search(r"^Version: +%s$" % re.escape(version), text, re.M):
    found.append("it does not build version " + version)
if shutil.which("rpmspec"):
    run = subprocess.run(["rpmspec", "-P", os.path.join(top, "data/rpm/proctor.spec")],
                         capture_output=True, text=True)
    if run.returncode != 0 or run.stderr:
        found.append("rpmspec: " + run.stderr.strip())
tree.verdict(found, "spec file")

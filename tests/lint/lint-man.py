#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The manual pages say all that there is: every verb and option of the tool and the service, every
member of the interfaces; and groff has nothing to say about them.

    lint-man.py SOURCE-ROOT PROCTOR PROCTORD PAGE..."""

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import tree

top, tool, service = tree.root(), sys.argv[2], sys.argv[3]
paths = {os.path.basename(path): path for path in sys.argv[4:]}
if not shutil.which("groff"):
    print("SKIP lint-man: groff is not installed")
    sys.exit(tree.SKIP)
found = []


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout, done.stderr


def text_of(name):
    """What a reader sees, in one line and without hyphenation."""
    shown, _ = run("groff", "-man", "-Tutf8", "-P-c", "-P-b", "-P-o", "-P-u", "-rHY=0", "-rLL=500n",
                   paths[name])
    return re.sub(r"\s+", " ", shown)


def need(name, text, shown, what):
    if text not in shown:
        found.append("%s: no %s" % (name, what))


def check_options(name, options, shown, of):
    for option in options:
        names = ["--" + option["Name"]] + (["-" + option["Letter"]] if option["Letter"] else [])
        for each in names:
            if not re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(each), shown):
                found.append("%s: no %s of %s" % (name, each, of))


for name, path in paths.items():
    _, complaints = run("groff", "-man", "-ww", "-z", "-Tutf8", path)
    found += ["%s: %s" % (name, line) for line in complaints.splitlines()]
    if re.search(r"@[A-Z]+@", text_of(name)):
        found.append("%s: something was not filled in" % name)

page = text_of("proctor.1")
known = json.loads(run(tool, "help", "--json")[0])
check_options("proctor.1", known["Options"], page, "every verb")
for verb in known["Verbs"]:
    begin = page.find("proctor %s proctor %s " % (verb["Name"], verb["Name"]))
    part = page[begin:page.find("Exit codes:", begin)] if begin >= 0 else ""
    need("proctor.1", verb["Synopsis"], part, "synopsis of " + verb["Name"])
    need("proctor.1", re.sub(r"\s+", " ", verb["Description"]), part,
         "description of " + verb["Name"])
    check_options("proctor.1", verb["Options"], part, verb["Name"])

page = text_of("proctord.8")
for option in re.findall(r"--[a-z][a-z-]*", run(service, "--help")[0]):
    need("proctord.8", option, page, option)

page = text_of("proctor-up.5")
with open(os.path.join(top, "cli/up-file.c"), encoding="utf-8") as source:
    keys = re.findall(r'(?:\{|strcmp\(key, )"([A-Z]\w+)"', source.read())
for key in keys:
    need("proctor-up.5", " %s " % key, page, key)
if len(keys) < 20:
    found.append("cli/up-file.c: only %d keys were found" % len(keys))

page = text_of("org.proctor1.5")
for path in tree.files(top, ".xml", under=("dbus/",)):
    for interface in ET.parse(os.path.join(top, path)).getroot().iter("interface"):
        need("org.proctor1.5", interface.get("name"), page, interface.get("name"))
        for member in interface:
            if member.tag in ("method", "signal"):
                need("org.proctor1.5", " %s(" % member.get("name"), page, member.get("name"))
            elif member.tag == "property":
                need("org.proctor1.5", " %s, %s; " % (member.get("name"), member.get("type")), page,
                     member.get("name"))

page = text_of("libproctor.3")
for kind in ("Manager", "Process", "ProcessConfig", "ProcessList", "Usage", "WatchdogConfig"):
    need("libproctor.3", " Proctor%s " % kind, page, kind)
tree.verdict(found, "man")

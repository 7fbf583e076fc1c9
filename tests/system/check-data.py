#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed for the buses, systemd and polkit, read as they would read it.

    check-data.py DESTDIR SOURCE-ROOT
"""

import glob
import os
import re
import sys
import xml.etree.ElementTree

NAME = "org.proctor1"
ACTIONS = ("run-as", "run-as-root", "manage-others", "inspect-others", "configure", "raise-limits")
STANDARD = ("Properties", "ObjectManager", "Introspectable", "Peer")

dest, source = sys.argv[1:3]
problems = []


def find(name, folder):
    """The one installed file of that name in a folder of that name; None is a problem."""
    found = [os.path.join(at, name) for at, _, names in os.walk(dest)
             if name in names and os.path.basename(at) == folder]
    if len(found) != 1:
        problems.append("%s/%s: installed %d times" % (folder, name, len(found)))
    return found[0] if found else None


def read(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def policy(path):
    """S-09: each rule names us and nothing wider, and each of our interfaces can be called."""
    allowed = set()
    for rule in xml.etree.ElementTree.parse(path).iter():
        if rule.tag not in ("allow", "deny"):
            continue
        attributes = dict(rule.attrib)
        if attributes == {"own": NAME}:
            continue
        allowed.add(attributes.get("send_interface"))
        if attributes.pop("send_destination", None) != NAME or \
                set(attributes) != {"send_interface"} or "*" in attributes.values():
            problems.append("policy: a rule too wide: %s" % rule.attrib)
    wanted = {"org.freedesktop.DBus." + name for name in STANDARD}
    for path in glob.glob(os.path.join(source, "dbus", "*.xml")):
        wanted |= {node.get("name") for node in xml.etree.ElementTree.parse(path).iter("interface")}
    for name in sorted(wanted - allowed):
        problems.append("policy: nobody may call %s" % name)


def actions(path):
    found = {}
    for action in xml.etree.ElementTree.parse(path).iter("action"):
        found[action.get("id")] = {node.text for node in action.find("defaults")}
        if len(action.find("defaults")) != 3:
            problems.append("polkit: %s: not all three defaults" % action.get("id"))
    if set(found) != {NAME + "." + name for name in ACTIONS}:
        problems.append("polkit: the actions are %s" % sorted(found))
    for name, answers in found.items():
        if answers != {"auth_admin"}:
            problems.append("polkit: %s: %s" % (name, answers))


def programs(text, where):
    """Each program that is named is there."""
    for path in re.findall(r"^Exec(?:Start)?=(\S+)", text, re.M):
        if not os.access(dest + path, os.X_OK):
            problems.append("%s: %s is not installed" % (where, path))
    if dest in text or "@" in re.sub(r"^#.*", "", text, flags=re.M):
        problems.append("%s: not of the place where it will be" % where)


for kind in ("system", "user"):
    unit = find("proctord.service", kind)
    if unit:
        programs(read(unit), unit[len(dest):])
for kind in ("system-services", "services"):
    activation = find(NAME + ".service", kind)
    if activation:
        programs(read(activation), activation[len(dest):])
        if "SystemdService=proctord.service\n" not in read(activation):
            problems.append("%s: systemd is not asked" % activation)
found_policy = find(NAME + ".conf", "system.d")
if found_policy:
    policy(found_policy)
found_actions = find(NAME + ".policy", "actions")
if found_actions:
    actions(found_actions)

for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)

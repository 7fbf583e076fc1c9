#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The interface documents are complete: each member has a comment right before it that names it,
says since when it is there, and documents each argument; and documents no argument that is not."""

import re
import xml.etree.ElementTree
import tree

ELEMENT = re.compile(r"(?:<!--((?:(?!-->).)*)-->\s*)?<(interface|method|signal|property)\s+"
                     r'name="(\w[\w.]*)"[^>]*?(/?)>', re.S)


def arguments(text, kind, end, closed):
    if kind not in ("method", "signal") or closed:
        return []
    body = text[end:text.index("</%s>" % kind, end)]
    found = re.findall(r"<arg\s([^>]*)/>", body)
    return [(re.search(r'name="(\w+)"', arg) or [None, ""])[1] for arg in found]


def problems_of(path, text):
    for match in ELEMENT.finditer(text):
        comment, kind, name, closed = match.groups()
        where = "%s: %s %s" % (path, kind, name)
        if not comment or not re.match(r"\s*%s:\s*\n" % re.escape(name), comment):
            yield where + ": no comment of its own right before it"
            continue
        if not re.search(r"@since: \d", comment):
            yield where + ": does not say @since"
        names = arguments(text, kind, match.end(), closed)
        documented = set(re.findall(r"^\s*@(\w+):", comment, re.M)) - {"since",
                                                                       "short_description"}
        for name in names:
            if not name:
                yield where + ": has an argument without a name"
            elif name not in documented:
                yield where + ": argument %s is not documented" % name
        for name in documented - set(names):
            yield where + ": documents %s, which it does not have" % name
        said = re.sub(r"^\s*(@\w+:.*|%s:)$" % re.escape(match.group(3)), "", comment, flags=re.M)
        if kind != "interface" and not names and not said.strip():
            yield where + ": says nothing"


top = tree.root()
found = []
for file in tree.files(top, ".xml", under=("dbus/",)):
    content = tree.read(top, file)
    xml.etree.ElementTree.fromstring(content)
    found += problems_of(file, content)
tree.verdict(found, "interface documents")

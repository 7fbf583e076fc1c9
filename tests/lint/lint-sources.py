#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What each file must have and may not have: licence, opening comment, length of files and of
functions, calls that can hit a stranger or that wait, words that mark something unfinished.
(S-02, S-08)"""

import re
import tree

LICENCE = "SPDX-License-Identifier: LGPL-2.1-or-later"
LICENSED = (".c", ".h", ".h.in", ".py", ".sh", ".xml", "meson.build", "meson_options.txt")
SIZED = ("service/", "libclient/", "cli/")
FILE_MAX, FUNCTION_MAX = 700, 60

# A number of a process may be another's by the time it is used: descriptors are not.
CALLS = re.compile(r"\b(kill|killpg|tgkill|tkill|g_child_watch\w*|waitpid|wait3|wait4|wait)\s*\(")
WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
POLKIT = re.compile(r"unix-process")


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def licence(path, text):
    if LICENCE not in "\n".join(text.split("\n")[:6]):
        yield "%s: no licence line '%s'" % (path, LICENCE)


def opening(path, text):
    """After the licence line and the guard, a comment of at least a line of words."""
    beginning = re.sub(r"\A/\*.*?\*/|^\s*#\s*(pragma once|ifndef \w+|define \w+)\s*$", "", text,
                       flags=re.M | re.S)
    comment = re.match(r"\s*/\*(.*?)\*/", beginning, re.S)
    if not comment or len(comment.group(1).split()) < 2:
        yield "%s: does not open with a comment on what it is for" % path


def lengths(path, text):
    lines = text.split("\n")
    if len(lines) - 1 > FILE_MAX:
        yield "%s: %d lines, %d at the most" % (path, len(lines) - 1, FILE_MAX)
    start = 0
    for number, line in enumerate(lines):
        if re.match(r"[A-Za-z_].*\(", line):
            start = number
        elif line == "}" and number - start + 1 > FUNCTION_MAX:
            yield "%s:%d: a function of %d lines, %d at the most" % (
                path, start + 1, number - start + 1, FUNCTION_MAX)


def calls(path, text):
    code = tree.code_only(text)
    for match in CALLS.finditer(code):
        before = code[:match.start()].rstrip()
        if before.endswith((".", "->", "*")) or re.search(r"\b(int|void|bool)$", before):
            continue  # a member or a declaration of that name
        yield "%s:%d: %s() takes a number that can be a stranger's" % (
            path, line_of(code, match.start()), match.group(1))


# S-08: whoever is called by root sees root. So nobody is called for a caller: the bus and polkit alone,
# by names that no caller has a say in. And nothing waits for an answer.
CALLED = ("BUS_DRIVER", "POLKIT_NAME")
CALLING = re.compile(r"\b(sd_bus_call_method\w*|sd_bus_message_new_method_call)\s*\(([^;]*);")
BLOCKING = re.compile(r"\bsd_bus_(call|call_method|get_property\w*|set_property|query_sender_\w+|"
                      r"get_name_creds)\s*\(")


def callees(path, text):
    code = tree.code_only(text)
    for match in CALLING.finditer(code):
        named = [word.strip() for word in match.group(2).split(",")]
        if not set(named) & set(CALLED):
            yield "%s:%d: %s() to another than %s" % (
                path, line_of(code, match.start()), match.group(1), " and ".join(CALLED))
    for match in BLOCKING.finditer(code):
        yield "%s:%d: sd_bus_%s() waits, and everybody with it" % (
            path, line_of(code, match.start()), match.group(1))


def words(path, text):
    for pattern in (WORDS, POLKIT):
        for match in pattern.finditer(text):
            yield "%s:%d: '%s'" % (path, line_of(text, match.start()), match.group(0))


top = tree.root()
found = []
for name in tree.files(top):
    if name.startswith((".git/", "tests/lint/")) or name == "COPYING":
        continue
    try:
        content = tree.read(top, name)
    except UnicodeDecodeError:
        continue
    is_c = name.endswith((".c", ".h", ".h.in"))
    found += words(name, content)
    if name.endswith(LICENSED):
        found += licence(name, content)
    if is_c:
        found += opening(name, content)
    if is_c and name.startswith(SIZED):
        found += lengths(name, content)
    if is_c and name.startswith("service/"):
        found += calls(name, content)
        found += callees(name, content)
tree.verdict(found, "sources")

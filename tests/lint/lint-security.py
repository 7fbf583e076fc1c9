#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of attacks in docs/security.md is true: each number has a row and one only, what answers it
and the tests that it names are there, these have the number, and whatever has a number is named."""

import os
import re
import tree

DOCUMENT = "docs/security.md"
NUMBERS = {"S-%02d" % n for n in (1, 2, *range(4, 17), *range(20, 33), *range(40, 49))}
ROW = re.compile(r"\| (S-\d\d) \| (.*) \|$")


def paths(cell, folder):
    """`bus/news.c` is in that folder; `data/x` is not."""
    for name in re.findall(r"`([^`]+)`", cell):
        inside = os.path.join(folder, name)
        yield inside if os.path.exists(os.path.join(top, inside)) else name


def numbers_of(path):
    """S-07 in a comment, S_07_name as the name of a check."""
    found = re.findall(r"\bS[-_](\d\d)(?=\b|_)|_S_(\d\d)_", tree.read(top, path))
    return {"S-" + (a or b) for a, b in found}


top = tree.root()
found = []
named = {}
for line in tree.read(top, DOCUMENT).split("\n"):
    match = ROW.match(line)
    if not match:
        continue
    number, cells = match.group(1), match.group(2).split(" | ")
    if len(cells) != 4 or not all(cell.strip() for cell in cells):
        found.append("%s: %s is not a row of an attack, its answer, places and tests" % (
            DOCUMENT, number))
        continue
    if number in named:
        found.append("%s: %s has two rows" % (DOCUMENT, number))
    places, tests = list(paths(cells[2], "service")), list(paths(cells[3], "tests"))
    named[number] = set(tests)
    found += ["%s: %s: there is no %s" % (DOCUMENT, number, path) for path in places + tests
              if not os.path.exists(os.path.join(top, path))]
    if not tests:
        found.append("%s: %s names no test" % (DOCUMENT, number))

found += ["%s: %s has no row" % (DOCUMENT, number) for number in sorted(NUMBERS - set(named))]
found += ["%s: %s is no number" % (DOCUMENT, number) for number in sorted(set(named) - NUMBERS)]
for path in tree.files(top, ".c", ".h", ".sh", ".py", under=("tests/",)):
    if path == "tests/lint/lint-security.py":
        continue
    carried = numbers_of(path)
    for number in sorted(carried - {n for n in named if path in named[n]}):
        found.append("%s: has %s, whose row in %s does not name it" % (path, number, DOCUMENT))
    for number in sorted({n for n in named if path in named[n]} - carried):
        found.append("%s: %s names it for %s, which it does not have" % (path, DOCUMENT, number))
tree.verdict(found, "attacks")

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The documents hold together: their links lead somewhere, every document can be reached from README,
and the tests that docs/testing.md names exist.

    lint-docs.py SOURCE-ROOT BUILD-ROOT"""

import json
import os
import re
import sys
import tree

top, build = tree.root(), sys.argv[2]
found = []


def links_of(path):
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", tree.read(top, path)):
        yield os.path.normpath(os.path.join(os.path.dirname(path), target))


documents = [path for path in tree.files(top, ".md") if "/" not in path or
             re.match(r"(docs|bench)/[^/]+\.md$", path)]
links = {path: list(links_of(path)) for path in documents}
for path, targets in links.items():
    found += ["%s: the link to %s leads nowhere" % (path, target) for target in targets
              if not os.path.exists(os.path.join(top, target))]

reached, open_ends = set(), ["README.md"]
while open_ends:
    path = open_ends.pop()
    if path not in reached:
        reached.add(path)
        open_ends += [target for target in links[path] if target in links]
found += ["%s: no link leads there from README.md" % path for path in sorted(set(links) - reached)]

with open(os.path.join(build, "meson-info", "intro-tests.json"), encoding="utf-8") as file:
    tests = {test["name"] for test in json.load(file)}
text = tree.read(top, "docs/testing.md").split("## From promise to test")[1].split("\n## ")[0]
rows = [line.strip("|").split("|") for line in text.split("\n") if line.startswith("|")][2:]
if not rows:
    found.append("docs/testing.md: no table of promises")
for row in rows:
    names = re.findall(r"`([^`]+)`", row[-1])
    if not names:
        found.append("docs/testing.md: '%s' names no test" % row[0].strip())
    found += ["docs/testing.md: there is no test %s" % name for name in names if name not in tests]
tree.verdict(found, "documents")

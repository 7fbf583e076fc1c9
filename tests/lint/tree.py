# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the lints share: the files of the tree, C without comments and strings, and the verdict."""

import os
import re
import subprocess
import sys

SKIP = 77  # meson's exit status for a skipped test


def root():
    """The top of the source tree: the first argument."""
    if len(sys.argv) < 2:
        sys.exit("usage: %s SOURCE-ROOT [...]" % sys.argv[0])
    return sys.argv[1]


def files(top, *suffixes, under=("",)):
    """Paths relative to top: what git tracks or would track, or all where there is no git."""
    try:
        listed = subprocess.run(
            ["git", "-C", top, "ls-files", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, text=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):
        listed = [os.path.relpath(os.path.join(folder, name), top)
                  for folder, _, names in os.walk(top) for name in names]
    return sorted(path for path in set(listed)
                  if path and path.endswith(suffixes or ("",)) and path.startswith(under)
                  and os.path.isfile(os.path.join(top, path)))


def read(top, path):
    with open(os.path.join(top, path), encoding="utf-8") as stream:
        return stream.read()


def code_only(text):
    """C with comments and the contents of strings blanked; the lines stay where they are."""
    def blank(match):
        found = match.group(0)
        return re.sub(r"[^\n]", " ", found) if found.startswith("/") else '""'
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, text,
                  flags=re.S)


def verdict(problems, what):
    for problem in problems:
        print(problem)
    print("%s: %s" % (what, "%d problems" % len(problems) if problems else "good"))
    sys.exit(1 if problems else 0)

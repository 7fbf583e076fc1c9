#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the library exports is what its list of symbols says, both ways.

    lint-symbols.py SOURCE-ROOT LIBRARY"""

import shutil
import subprocess
import sys
import tree

top, library = tree.root(), sys.argv[2]
if not shutil.which("nm"):
    print("skipped: there is no nm")
    sys.exit(tree.SKIP)
listed = set(tree.read(top, "libclient/libproctor.sym").split())
lines = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True,
                       text=True).stdout.split("\n")
# the sanitizers' own are no symbols of the library
exported = {line.split()[-1].split("@")[0] for line in lines if line}
exported = {name for name in exported if not name.startswith(("__", "_init", "_fini"))}
found = ["exported and not listed: " + name for name in sorted(exported - listed)]
found += ["listed and not exported: " + name for name in sorted(listed - exported)]
tree.verdict(found, "%d symbols" % len(listed))

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Puts the examples into the page that explains them, so that what is shown is what is tested: a line
'@NAME' becomes the file of that name.

    include.py PAGE FOLDER RESULT"""

import os
import re
import sys

LANGUAGES = {".c": "c", ".py": "python", ".js": "js", ".vala": "vala"}


def shown(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        lines = [line for line in file.read().split("\n")
                 if "SPDX-License" not in line and not line.startswith("#!")]
    text = "\n".join(lines).strip("\n")
    return "```%s\n%s\n```" % (LANGUAGES[os.path.splitext(name)[1]], text)


page, folder, result = sys.argv[1:]
with open(page, encoding="utf-8") as file:
    text = file.read()
text = re.sub(r"^@([\w.-]+)$", lambda match: shown(folder, match.group(1)), text, flags=re.M)
with open(result, "w", encoding="utf-8") as file:
    file.write(text)

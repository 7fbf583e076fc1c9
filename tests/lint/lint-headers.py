#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each public header compiles alone, as C and as C++, without a warning.

    lint-headers.py SOURCE-ROOT BUILD-ROOT"""

import concurrent.futures
import glob
import os
import shutil
import subprocess
import sys
import tree

COMPILERS = (("gcc", "c", "c99"), ("clang", "c", "c11"), ("g++", "c++", "c++17"))


def compile_alone(compiler, language, standard, header, flags):
    source = "#include <proctor/%s>\nextern int nothing;\n" % header
    run = subprocess.run(
        [compiler, "-x", language, "-std=" + standard, "-fsyntax-only", "-Wall", "-Wextra",
         "-Wstrict-prototypes" if language == "c" else "-Wall", "-Werror", *flags, "-"],
        input=source, capture_output=True, text=True)
    if run.returncode == 0:
        return None
    return "%s does not compile alone with %s:\n%s" % (header, compiler, run.stderr)


top, build = tree.root(), sys.argv[2]
try:
    flags = subprocess.run(["pkg-config", "--cflags", "gio-2.0"], check=True,
                           capture_output=True, text=True).stdout.split()
except (OSError, subprocess.CalledProcessError):
    print("skipped: there is no pkg-config of GIO")
    sys.exit(tree.SKIP)
flags = [flag.replace("-I", "-isystem", 1) for flag in flags]
flags += ["-I" + os.path.join(base, "libclient") for base in (top, build)]
headers = [os.path.basename(path) for path in tree.files(top, ".h", under=("libclient/proctor/",))]
headers += [os.path.basename(path)  # that are made by the build
            for path in glob.glob(os.path.join(build, "libclient", "proctor", "*.h"))]
jobs = [(*compiler, header, flags) for compiler in COMPILERS if shutil.which(compiler[0])
        for header in headers]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    found = [problem for problem in pool.map(lambda job: compile_alone(*job), jobs) if problem]
for compiler in COMPILERS:
    if not shutil.which(compiler[0]):
        print("not tried: there is no " + compiler[0])
tree.verdict(found, "%d public headers alone" % len(headers))

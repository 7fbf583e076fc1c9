#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs what a document shows. Each ```console block has commands behind "$ " (continued behind "> "),
each followed by what it prints; the blocks of one document are one session of bash, in a directory of
its own with a link to docs/, on a session bus that can start proctord. In what is printed "…" stands for any text within a
line, and a line of its own for any lines.

    test-docs.py DOCUMENT TOOL SERVICE PKG-CONFIG-PATH LIBRARY-DIRECTORY"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={directory}/bus</listen><auth>EXTERNAL</auth>
<servicedir>{directory}/services</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"""
END = "== end of command =="
COMMAND_TIMEOUT_SEC = 60


def steps_of(text):
    """[(line number, command, expected lines)]"""
    steps = []
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            inside = not inside and line == "```console"
        elif not inside:
            continue
        elif line.startswith("$ "):
            steps.append((number, line[2:], []))
        elif line.startswith("> ") and steps and not steps[-1][2]:
            steps[-1] = (steps[-1][0], steps[-1][1] + "\n" + line[2:], [])
        else:
            steps[-1][2].append(line)
    return steps


def pattern_of(expected):
    parts = []
    for line in expected:
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            # how wide a column is depends on what is in it
            words = re.split(r"(…|\s+)", line.rstrip())
            parts.append("".join(".*" if word == "…" else r"\s+" if word.isspace() else re.escape(word)
                                 for word in words) + r"[ ]*\n")
    return re.compile("".join(parts) + r"\Z")


class Session:
    def __init__(self, environment, directory):
        self.shell = subprocess.Popen(["bash", "--norc", "--noprofile"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                      cwd=directory, env=environment, start_new_session=True)

    def run(self, command):
        self.shell.stdin.write(f"{command}\necho '{END}'\n")
        self.shell.stdin.flush()
        lines = []
        signal.alarm(COMMAND_TIMEOUT_SEC)
        for line in self.shell.stdout:
            if line.endswith(END + "\n"):
                lines.append(line[:-len(END) - 1])
                break
            lines.append(line)
        signal.alarm(0)
        return "".join(lines)

    def close(self):
        self.shell.stdin.close()
        self.shell.wait(COMMAND_TIMEOUT_SEC)


def make_environment(directory, tool, service, pkg_config, library):
    os.mkdir(f"{directory}/services")
    os.mkdir(f"{directory}/home")
    os.symlink(os.path.realpath(f"{os.path.dirname(__file__)}/../../docs"), f"{directory}/home/docs")
    with open(f"{directory}/services/org.proctor1.service", "w", encoding="utf-8") as file:
        file.write(f"[D-BUS Service]\nName=org.proctor1\nExec={service} --session\n")
    with open(f"{directory}/bus.conf", "w", encoding="utf-8") as file:
        file.write(BUS_CONFIG.format(directory=directory))
    kept = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LANG") if name in os.environ}
    return {**kept, "PATH": f"{os.path.dirname(tool)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": f"{directory}/home", "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "100", "TERM": "dumb",
            "PROCTOR_DAEMON": service, "PKG_CONFIG_PATH": pkg_config, "LD_LIBRARY_PATH": library,
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={directory}/bus"}


def check(document, environment, directory):
    with open(document, encoding="utf-8") as file:
        steps = steps_of(file.read())
    failed = 0
    session = Session(environment, f"{directory}/home")
    for number, command, expected in steps:
        printed = session.run(command)
        if not pattern_of(expected).match(printed if printed.endswith("\n") or not printed else printed + "\n"):
            failed += 1
            print(f"{os.path.basename(document)}:{number}: $ {command}\n--- expected\n" + "\n".join(expected)
                  + f"\n--- printed\n{printed}---")
    session.close()
    print(f"{os.path.basename(document)}: {len(steps) - failed} passed, {failed} failed")
    return failed == 0 and len(steps) > 0


def give_up(*_):
    raise TimeoutError(f"a command took longer than {COMMAND_TIMEOUT_SEC} s")


def main(document, *places):
    tool, service, pkg_config, library = (os.path.abspath(place) for place in places)
    missing = [name for name in ("dbus-daemon", "busctl", "cc", "pkg-config", "parallel") if not shutil.which(name)]
    if missing:
        print("SKIP", document, "not installed:", ", ".join(missing))
        return 77
    signal.signal(signal.SIGALRM, give_up)
    with tempfile.TemporaryDirectory(prefix="proctor-docs.") as directory:
        environment = make_environment(directory, tool, service, pkg_config, library)
        bus = subprocess.Popen(["dbus-daemon", "--nofork", f"--config-file={directory}/bus.conf",
                                "--print-address=1"], stdout=subprocess.PIPE, env=environment)
        try:
            bus.stdout.readline()
            return 0 if check(document, environment, directory) else 1
        finally:
            bus.terminate()
            bus.wait(COMMAND_TIMEOUT_SEC)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

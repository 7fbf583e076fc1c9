#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a command on a terminal of its own, goes through steps, and says in one line what became of
the command and of its terminal.

    on-terminal.py ROWSxCOLUMNS STEP... -- COMMAND [ARGUMENT...]

Steps: see=TEXT (wait until it was shown since the step before), type=KEYS (with escapes as in
Python), signal=NAME, stopped (wait until it is), size=ROWSxCOLUMNS, do=COMMAND (of the
shell), end (wait for its end).
The line: exit code, how often the other screen was entered and left, whether the settings of the
terminal are again what they were, and the widest line that was shown."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

DEADLINE = 20
SEQUENCE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    def __init__(self, size, command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.read(0, 1)  # the parent sets the terminal up first
            os.execvp(command[0], command)
        self.output, self.position, self.status = b"", 0, None
        self.resize(size)
        self.before = termios.tcgetattr(self.fd)
        os.write(self.fd, b"\n")

    def resize(self, size):
        rows, columns = (int(n) for n in size.split("x"))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, until):
        """Reads on until a condition holds."""
        deadline = time.monotonic() + DEADLINE
        while not until():
            if time.monotonic() > deadline:
                sys.exit("timed out; what was shown: %r" % self.output[self.position:])
            if select.select([self.fd], [], [], 0.01)[0]:
                try:
                    self.output += os.read(self.fd, 65536)
                except OSError:  # everybody has closed it
                    time.sleep(0.01)

    def drain(self):
        """Reads what is left of a command that has ended."""
        try:
            while select.select([self.fd], [], [], 0)[0]:
                self.output += os.read(self.fd, 65536)
        except OSError:
            pass

    def see(self, text):
        self.read(lambda: text in self.output[self.position:])
        self.position = self.output.index(text, self.position) + len(text)

    def has_changed(self, flags=0):
        pid, status = os.waitpid(self.pid, os.WNOHANG | flags)
        if pid:
            self.status = status
        return pid != 0

    def take(self, step):
        kind, _, value = step.partition("=")
        if kind == "see":
            self.see(value.encode())
        elif kind == "type":
            os.write(self.fd, value.encode().decode("unicode_escape").encode("latin-1"))
        elif kind == "signal":
            os.kill(self.pid, signal.Signals["SIG" + value])
        elif kind == "stopped":
            self.read(lambda: self.has_changed(os.WUNTRACED))
        elif kind == "size":
            self.resize(value)
        elif kind == "do":
            subprocess.run(value, shell=True, check=True)
        elif kind == "end":
            self.read(self.has_changed)
            self.drain()
        else:
            sys.exit("no such step: " + step)

    def report(self):
        lines = SEQUENCE.sub(b"", self.output.replace(b"\x1b[H", b"\n")).decode("utf-8", "replace").split("\n")
        return "code=%d entered=%d left=%d restored=%s widest=%d" % (
            os.waitstatus_to_exitcode(self.status),
            self.output.count(b"\x1b[?1049h"), self.output.count(b"\x1b[?1049l"),
            "yes" if termios.tcgetattr(self.fd) == self.before else "no",
            max(len(line.rstrip("\r")) for line in lines))


split = sys.argv.index("--")
terminal = Terminal(sys.argv[1], sys.argv[split + 1:])
try:
    for each in sys.argv[2:split]:
        terminal.take(each)
    print(terminal.report())
finally:
    if terminal.status is None or os.WIFSTOPPED(terminal.status):
        os.kill(terminal.pid, signal.SIGKILL)

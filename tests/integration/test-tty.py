#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tool in terminals: run --tty with an editor, under keys, signals and sizes, and what is left
of the terminal afterwards; start --tty and attach. Each case has a pseudo terminal of its own, and
waits for what has to appear on it, with a deadline.

    test-tty.py PROCTOR PROCTORD"""

import contextlib
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

PATIENCE = 30
proctor, proctord = sys.argv[1], sys.argv[2]
os.environ["PROCTOR_DAEMON"] = proctord
os.environ["TERM"] = "xterm"


class Terminal:
    """A program on a terminal, and we are who looks and types."""

    def __init__(self, *argv, rows=30, columns=100):
        ready, go = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.close(go)
            os.read(ready, 1)  # until the size is set
            os.close(ready)
            os.execvp(argv[0], argv)
        os.close(ready)
        self.resize(rows, columns)
        self.modes = termios.tcgetattr(self.fd)
        os.close(go)
        self.seen, self.status = b"", None

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, patience):
        if not select.select([self.fd], [], [], max(0, patience))[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.seen += data
        return data != b""

    def expect(self, text):
        """Waits for it, and forgets what came up to its end."""
        text, deadline = text.encode(), time.monotonic() + PATIENCE
        while text not in self.seen:
            if not self.read(deadline - time.monotonic()):
                raise AssertionError("expected %r, seen %r" % (text, self.seen[-2000:]))
        self.seen = self.seen[self.seen.index(text) + len(text):]

    def type(self, text):
        os.write(self.fd, text.encode())

    def until(self, what, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError("never: %s; seen %r" % (what, self.seen[-2000:]))
            self.read(0.02)

    def is_raw(self):
        return not termios.tcgetattr(self.fd)[3] & termios.ICANON

    def is_restored(self):
        return termios.tcgetattr(self.fd) == self.modes

    def ends(self, code):
        """The tool ends so, and has put the terminal back. A negative code is a signal's number."""
        def has_ended():
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            return pid
        self.until("its end", has_ended)
        while self.read(0):
            pass
        assert self.status == code, "code %d, seen %r" % (self.status, self.seen[-2000:])
        assert self.is_restored(), "the terminal is not as it was"
        os.close(self.fd)


def run(*command, **size):
    return Terminal(proctor, "run", "--tty", *command, **size)


def child_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
        return int(file.read().split()[0])


def state_of(pid):
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rpartition(")")[2].split()[0]


def run_gives_a_terminal_and_takes_it_back():
    t = run("sh", "-c", "stty size </dev/tty; read x; echo \"got $x\"; exit 5")
    t.expect("30 100\r\n")
    t.until("raw mode", t.is_raw)
    t.type("some words\r")
    t.expect("got some words\r\n")
    t.ends(5)


def run_carries_an_editor():
    path = os.path.join(scratch, "letter")
    t = run("nano", "--ignorercfiles", path)
    t.expect("^X")
    t.type("Dear reader,\rthis was typed.")
    t.expect("typed.")
    t.type("\x0f")  # write out
    t.expect("letter")
    t.type("\r")
    t.expect("Wrote")
    t.type("\x18")
    t.ends(0)
    with open(path) as file:
        assert file.read() == "Dear reader,\nthis was typed.\n"


def keys_are_the_programs():
    t = run("sh", "-c", "echo ready; exec sleep 1000")
    t.expect("ready")
    t.until("raw mode", t.is_raw)
    t.type("\x03")
    t.ends(130)
    assert b"proctor" not in t.seen, t.seen
    t = run("sh", "-c", "stty raw -echo; echo ready; head -c 3 | od -An -tx1")
    t.expect("ready")
    t.until("raw mode", t.is_raw)
    t.type("\x1a\x1d\x1c")
    t.expect("1a 1d 1c")
    t.ends(0)


def job_control_works_inside():
    t = run("bash", "--norc", "-i")
    t.until("raw mode", t.is_raw)
    t.expect("bash-")
    t.type("sh -c 'echo in front''; exec sleep 1000'\r")
    t.expect("\rin front")
    t.type("\x1a")
    t.expect("Stopped")
    t.type("exec sh -c 'exit 3'\r")
    t.ends(3)  # and the job, which is stopped, with it


def a_new_size_reaches_the_program():
    t = run("sh", "-c", "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done")
    t.expect("ready")
    t.until("raw mode", t.is_raw)
    t.resize(7, 70)
    t.expect("7 70\r\n")
    os.kill(t.pid, signal.SIGTERM)
    t.ends(128 + signal.SIGTERM)


def nothing_is_lost_on_the_way():
    t = run("sh", "-c", "seq 1 200000; echo end")
    total = b""
    time.sleep(0.3)  # a slow reader: what he has not read is waited for
    while b"end\r\n" not in total:
        t.expect("\n") if b"\n" not in t.seen else None
        total, t.seen = total + t.seen, b""
        if b"end\r\n" not in total and not t.read(PATIENCE):
            raise AssertionError("only %d bytes" % len(total))
        total, t.seen = total + t.seen, b""
    assert b"\r\n200000\r\nend\r\n" in total
    t.ends(0)


def signals_end_the_program_and_restore_the_terminal():
    for signo in (signal.SIGTERM, signal.SIGHUP):
        t = run("sh", "-c", "echo ready; exec sleep 1000")
        t.expect("ready")
        t.until("raw mode", t.is_raw)
        os.kill(t.pid, signo)
        t.ends(128 + signo)


def a_crash_of_the_service_restores_the_terminal():
    t = run("sh", "-c", "echo ready; exec sleep 1000")
    t.expect("ready")
    t.until("raw mode", t.is_raw)
    os.kill(child_of(t.pid), signal.SIGKILL)
    t.ends(125)


def a_crash_of_the_tool_restores_the_terminal():
    t = run("sh", "-c", "echo ready; exec sleep 1000")
    t.expect("ready")
    t.until("raw mode", t.is_raw)
    os.kill(t.pid, signal.SIGABRT)
    t.ends(-signal.SIGABRT)


def a_stopped_tool_gives_the_terminal_back_meanwhile():
    t = run("sh", "-c", "echo ready; read x; echo \"got $x\"")
    t.expect("ready")
    t.until("raw mode", t.is_raw)
    os.kill(t.pid, signal.SIGTSTP)
    t.until("its stop", lambda: state_of(t.pid) == "T")
    assert t.is_restored()
    t.resize(9, 90)
    os.kill(t.pid, signal.SIGCONT)
    t.until("raw mode", t.is_raw)
    t.type("on\r")
    t.expect("got on")
    t.ends(0)


def without_a_terminal_there_is_none_to_show():
    r = subprocess.run([proctor, "run", "--tty", "true"], stdin=subprocess.DEVNULL,
                       capture_output=True, text=True, timeout=PATIENCE)
    assert r.returncode == 125 and "standard input" in r.stderr, (r.returncode, r.stderr)


def a_start_that_fails_leaves_the_terminal_alone():
    t = run("/no/such")
    t.expect("No such file or directory\r\n")
    t.ends(127)


@contextlib.contextmanager
def service():
    """A bus with a service."""
    with tempfile.TemporaryDirectory(dir=scratch) as directory:
        address = "unix:path=%s/bus" % directory
        bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--address=" + address,
                                "--print-address"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
        bus.stdout.readline()
        daemon = subprocess.Popen([proctord, "--address=" + address])
        try:
            deadline = time.monotonic() + PATIENCE
            while subprocess.run([proctor, "--address=" + address, "ps"],
                                 capture_output=True).returncode != 0:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield "--address=" + address, daemon
        finally:
            daemon.terminate()
            daemon.wait(PATIENCE)
            bus.terminate()
            bus.wait(PATIENCE)


def tool(*arguments):
    return subprocess.run([proctor, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=PATIENCE)


def attach_sees_types_and_leaves():
    with service() as (bus, _):
        started = tool("start", bus, "-q", "--tty", "sh", "-c",
                       "stty size; while read x; do echo \"got $x\"; done; exit 4")
        name = started.stdout.strip()
        while "24 80" not in tool("logs", bus, name).stdout:  # before it has the size of who attaches
            time.sleep(0.01)
        t = Terminal(proctor, "attach", bus, name)
        t.expect("24 80\r\n")
        t.until("raw mode", t.is_raw)
        t.type("one\r")
        t.expect("got one\r\n")
        t.type("\x1d")
        t.expect("goes on\r\n")
        t.ends(0)
        t = Terminal(proctor, "attach", bus, "--escape=A", name)
        t.expect("got one\r\n")
        t.until("raw mode", t.is_raw)
        t.type("\x1d\rtwo\r")
        t.expect("got two\r\n")
        other = Terminal(proctor, "attach", bus, name)
        other.expect("got two\r\n")
        t.type("\x01")
        t.ends(0)
        other.until("raw mode", other.is_raw)
        other.type("\x04")
        other.expect("4\r\n")
        other.ends(0)
        late = tool("attach", bus, name)
        assert late.returncode == 1 and "finished" in late.stderr, late.stderr


def attach_follows_the_size():
    with service() as (bus, _):
        script = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"
        name = tool("start", bus, "-q", "--tty", "sh", "-c", script).stdout.strip()
        t = Terminal(proctor, "attach", bus, name, rows=11, columns=110)
        t.expect("11 110\r\n")
        t.resize(12, 120)
        t.expect("12 120\r\n")
        os.kill(t.pid, signal.SIGTERM)
        t.ends(128 + signal.SIGTERM)
        assert tool("stop", bus, name).returncode == 0


def attach_survives_the_service():
    with service() as (bus, daemon):
        name = tool("start", bus, "-q", "--tty", "sh", "-c", "echo ready; exec sleep 1000")
        t = Terminal(proctor, "attach", bus, name.stdout.strip())
        t.expect("ready")
        t.until("raw mode", t.is_raw)
        daemon.kill()
        t.ends(4)


def attach_needs_a_terminal_of_the_process():
    with service() as (bus, _):
        name = tool("start", bus, "-q", "sleep", "1000").stdout.strip()
        t = Terminal(proctor, "attach", bus, name)
        t.expect("has no terminal")
        t.ends(1)
        wrong = tool("start", bus, "--tty", "--stdout=/dev/null", "true")
        assert wrong.returncode == 125 and "--tty" in wrong.stderr, wrong.stderr
        wrong = tool("attach", bus, "--escape=1", name)
        assert wrong.returncode == 2 and "--escape" in wrong.stderr, wrong.stderr


def attach_works_in_a_script():
    with service() as (bus, _):
        name = tool("start", bus, "-q", "--tty", "sh", "-c", "read x; echo \"got $x\"")
        r = subprocess.run([proctor, "attach", bus, name.stdout.strip()], input="a line\n",
                           capture_output=True, text=True, timeout=PATIENCE)
        assert r.returncode == 0 and r.stdout.endswith("got a line\n"), (r.stdout, r.stderr)


def main():
    cases = [value for value in list(globals().values())
             if getattr(value, "__module__", None) == __name__ and callable(value)
             and value.__name__.count("_") >= 2 and value.__code__.co_argcount == 0]
    failed = 0
    for case in cases:
        if case is run_carries_an_editor and not shutil.which("nano"):
            print("skipped %s: there is no nano" % case.__name__)
            continue
        try:
            case()
            print("ok", case.__name__, flush=True)
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            failed += 1
            print("FAILED %s: %s" % (case.__name__, error), flush=True)
    return 1 if failed else 0


with tempfile.TemporaryDirectory(prefix="proctor-tty-") as scratch:
    sys.exit(main())

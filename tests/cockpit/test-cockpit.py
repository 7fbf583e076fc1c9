#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Cockpit page in a headless Chromium, over a real cockpit-ws and cockpit-bridge and a bus of its
own that plays the system bus: what is shown, what follows, and each verb.

    test-cockpit.py PROCTORD PAGE-DIRECTORY MANIFEST [PICTURE]

Writes a picture of the page to PICTURE if it is named. Skips where a program is missing."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
from webdriver import Browser  # noqa: E402

WS = next((path for path in ("/usr/lib/cockpit/cockpit-ws", "/usr/libexec/cockpit-ws")
           if os.path.exists(path)), None)
NEEDED = ("cockpit-bridge", "chromedriver", "chromium", "dbus-daemon", "busctl")
ROW = "return [...document.querySelectorAll('#rows tr')].find(row => row.cells[0].textContent === arguments[0])"


def wait_until(what, condition):
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within 20 s: {what}")
        time.sleep(0.05)


class World:
    """A bus, the service on it, and Cockpit with our page."""

    def __init__(self, proctord, page, manifest, directory):
        self.proctord = os.path.abspath(proctord)
        self.directory = directory
        self.children = {}
        self.address = f"unix:path={directory}/bus"
        self.log = open(f"{directory}/log", "w")
        package = f"{directory}/data/cockpit/proctor"
        shutil.copytree(page, package, ignore=shutil.ignore_patterns("*.in", "meson.build"))
        shutil.copy(manifest, package)
        self.spawn("bus", ["dbus-daemon", "--session", "--nofork", f"--address={self.address}"])
        wait_until("the bus", lambda: os.path.exists(f"{directory}/bus"))
        self.start_service()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.spawn("cockpit", [WS, "--local-session=cockpit-bridge", "-a", "127.0.0.1", "-p", str(port)],
                   HOME=directory, XDG_DATA_HOME=f"{directory}/data", DBUS_SYSTEM_BUS_ADDRESS=self.address,
                   DBUS_SESSION_BUS_ADDRESS=self.address)
        self.url = f"http://127.0.0.1:{port}/cockpit/@localhost/proctor/index.html"
        wait_until("cockpit-ws", lambda: self.answers(port))

    @staticmethod
    def answers(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def spawn(self, name, command, **environment):
        self.children[name] = subprocess.Popen(command, stdout=self.log, stderr=self.log,
                                               stdin=subprocess.DEVNULL, cwd="/",
                                               env={**os.environ, **environment})

    def start_service(self):
        self.spawn("service", [self.proctord, f"--address={self.address}"])
        wait_until("the service", lambda: self.busctl("status", "org.proctor1").returncode == 0)

    def end(self, name):
        child = self.children.pop(name, None)
        if child:
            child.send_signal(signal.SIGTERM)
            child.wait(20)

    def close(self):
        for name in ("cockpit", "service", "bus"):
            self.end(name)
        self.log.close()

    def busctl(self, *arguments):
        return subprocess.run(["busctl", f"--address={self.address}", "--", *arguments],
                              capture_output=True, text=True, timeout=30, check=False)

    def start(self, name, script, *options):
        answer = self.busctl("call", "org.proctor1", "/org/proctor1", "org.proctor1.Manager", "StartProcess",
                             "asa{sv}", "3", "sh", "-c", script, str(1 + len(options) // 3), "Name", "s", name,
                             *options)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.split('"')[1]


def shows_what_runs_and_how_it_ended(world, browser):
    world.start("ticker", "while :; do echo tick; sleep 0.2; done")
    world.start("broken", "echo cannot read it >&2; exit 3")
    browser.wait("a running row", ROW + "?.innerText.includes('running')", "ticker")
    browser.wait("a failed row", ROW + "?.innerText.includes('failed (3)')", "broken")
    browser.wait("its output rate", ROW + "?.cells[7].textContent.endsWith('B/s')", "ticker")


def shows_a_hang(world, browser):
    world.start("stuck", "echo last words; exec sleep 500", "TimeoutUSec", "t", "300000", "ExtraBufferUSec",
                "t", "300000", "AutoKill", "b", "false")
    browser.wait("a hung row", ROW + "?.innerText.includes('hung')", "stuck")
    browser.wait("the summary", "return document.querySelector('#summary').textContent.includes('1 hung')")


def says_what_it_was_doing(world, browser):
    browser.run(ROW + ".click()", "stuck")
    browser.wait("its dossier", "return /sleep: S.*clock_nanosleep/.test("
                                "document.querySelector('#details .dossier')?.textContent)")
    browser.run(ROW + ".click()", "stuck")


def shows_groups_and_starts_them(world, browser):
    answer = world.busctl("call", "org.proctor1", "/org/proctor1", "org.proctor1.Manager", "CreateGroup",
                          "sa{sv}", "pair", "0")
    assert answer.returncode == 0, answer.stderr
    path = answer.stdout.split('"')[1]
    for member in ("left", "right"):
        answer = world.busctl("call", "org.proctor1", path, "org.proctor1.Group", "AddProcess", "sasa{sv}",
                              member, "2", "sleep", "300", "0")
        assert answer.returncode == 0, answer.stderr
    group = "const row = [...document.querySelectorAll('#group-rows tr')].find(row => " \
            "row.cells[0].textContent === 'pair'); "
    browser.wait("its members", group + "return row?.innerText.includes('left, right')")
    browser.run(group + "row.querySelector('button').click()")
    browser.wait("its run", group + "return row?.cells[2].textContent === '2'")
    browser.wait("its members' rows", ROW + "?.innerText.includes('running')", "left")
    browser.run(group + "row.querySelectorAll('button')[1].click()")
    browser.wait("its end", group + "return row?.cells[2].textContent === '0'")


def shows_details_and_output(world, browser):
    browser.run(ROW + ".click()", "broken")
    browser.wait("its last words",
                 "return document.querySelector('#details .stderr').textContent === 'cannot read it\\n'")
    browser.run(ROW + ".click()", "ticker")
    browser.wait("output that grows",
                 "return document.querySelector('#details .stdout').textContent.split('tick').length > 3")


def markup_of_a_process_is_text(world, browser):
    name = "<img src=x onerror='window.bad=1'>"
    world.start(name, "printf '<script>window.bad=1</script>'")
    browser.run(ROW + ".click()", browser.wait("its row", ROW + "?.cells[0].textContent", name))
    browser.wait("its output", "return document.querySelector('#details .stdout').textContent.includes('</script>')")
    assert browser.run("return window.bad === undefined && !document.querySelector('main img')")


def starts_a_process(world, browser):
    browser.click("#start")
    browser.type("[name=command]", "sh -c 'echo \"$GREETING from $PWD\"; exec sleep 300'")
    browser.type("[name=name]", "by-hand")
    browser.type("[name=directory]", "/usr")
    browser.type("[name=environment]", "GREETING=hello = there")
    browser.click("#start-form [type=submit]")
    browser.wait("its row", ROW + "?.innerText.includes('running')", "by-hand")
    browser.run(ROW + ".click()", "by-hand")
    browser.wait("what it says",
                 "return document.querySelector('#details .stdout').textContent === 'hello = there from /usr\\n'")


def a_refused_start_says_why_and_keeps_what_was_typed(world, browser):
    browser.click("#start")
    browser.type("[name=command]", "/no/such --program")
    browser.click("#start-form [type=submit]")
    browser.wait("the reason", "return document.querySelector('#start-error').textContent.includes("
                               "\"exec '/no/such': No such file or directory\")")
    assert browser.run("return document.querySelector('[name=command]').value") == "/no/such --program"
    browser.run("document.querySelector('[name=command]').value = 'a \"b'")
    browser.click("#start-form [type=submit]")
    browser.wait("what is wrong with it", "return document.querySelector('#start-error').textContent.includes("
                                          "'not closed')")
    browser.run("document.querySelector('[name=command]').value = ''")
    browser.click("#start-cancel")


def signals_and_stops(world, browser):
    world.start("polite", "trap 'echo got it' USR1; while :; do sleep 0.1; done")
    browser.wait("its row", ROW + "?.innerText.includes('running')", "polite")
    browser.run("const row = (function(){" + ROW + "})(arguments[0]), menu = row.querySelector('select');"
                "row.click(); menu.value = 'SIGUSR1'; menu.dispatchEvent(new Event('change'))", "polite")
    browser.wait("its answer", "return document.querySelector('#details .stdout').textContent.includes('got it')")
    browser.run(ROW + ".querySelector('button').click()", "polite")
    browser.wait("its end", ROW + "?.innerText.includes('stopped')", "polite")


def filters_and_forgets(world, browser):
    browser.type("#filter", "tick")
    browser.wait("one row", "return document.querySelectorAll('#rows tr').length === 1")
    browser.run("document.querySelector('#filter').value = ''; document.querySelector('#filter')"
                ".dispatchEvent(new Event('input'))")
    browser.wait("more rows", "return document.querySelectorAll('#rows tr').length > 3")
    browser.click("#forget")
    browser.wait("no finished row", "return document.querySelectorAll('#rows tr.finished').length === 0")


def follows_the_service_down_and_up(world, browser):
    world.end("service")
    browser.wait("that it has gone", "return !document.querySelector('#alert').hidden")
    assert browser.run("return document.querySelector('#processes').hidden")
    world.start_service()
    world.start("again", "exec sleep 300")
    browser.wait("the new one's process", ROW + "?.innerText.includes('running')", "again")
    assert browser.run("return document.querySelector('#alert').hidden")


CASES = [shows_what_runs_and_how_it_ended, shows_a_hang, says_what_it_was_doing, shows_groups_and_starts_them,
         shows_details_and_output, markup_of_a_process_is_text, starts_a_process, a_refused_start_says_why_and_keeps_what_was_typed, signals_and_stops,
         filters_and_forgets, follows_the_service_down_and_up]


def main(proctord, page, manifest, picture=None):
    missing = [name for name in NEEDED if not shutil.which(name)] + ([] if WS else ["cockpit-ws"])
    if missing:
        print("SKIP test-cockpit: not installed:", ", ".join(missing))
        return 77
    failed = 0
    with tempfile.TemporaryDirectory(prefix="proctor-cockpit.") as directory:
        world = World(proctord, page, manifest, directory)
        browser = None
        try:
            browser = Browser(f"{directory}/profile", world.log)
            browser.open(world.url)
            browser.wait("the page", "return !document.querySelector('#processes').hidden")
            for case in CASES:
                try:
                    case(world, browser)
                    print("ok", case.__name__)
                except (AssertionError, RuntimeError) as error:
                    failed += 1
                    print("not ok", case.__name__, error)
                if picture and case is shows_details_and_output:
                    browser.picture(picture)
        finally:
            if browser:
                browser.close()
            world.close()
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

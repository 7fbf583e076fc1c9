#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts a long-running process and watches its status until it has finished, as it is done with
GLib's main loop: nothing polls, the change of the property is told."""

import sys

import gi

gi.require_version("Proctor", "1.0")
from gi.repository import GLib, Proctor  # noqa: E402

MINUTE = 60 * 1000000


def main():
    loop = GLib.MainLoop()
    manager = Proctor.Manager.new_embedded(None)
    try:
        config = Proctor.ProcessConfig.new(["sh", "-c", "sleep 0.3; exit 3"])
        config.set_name("long_script")
        config.set_timeout(5 * MINUTE)
        process = manager.start(config, None)
        print("started:", process.get_name(), "which is", process.get_state().value_nick)
        process.connect("notify::state",
                        lambda process, pspec: print("now:", process.get_state().value_nick))
        process.connect("exited", lambda process, exit_code, result: loop.quit())
        loop.run()
        print("finished:", process.get_result().value_nick, process.get_exit_code())
    finally:
        manager.shutdown(None)

    try:
        manager.start(Proctor.ProcessConfig.new(["/no/such/program"]), None)
    except GLib.Error as error:
        if not error.matches(Proctor.error_quark(), Proctor.Error.SPAWN_FAILED):
            raise
        print("not started:", error.message)
    manager.close(None)


if __name__ == "__main__":
    sys.exit(main())

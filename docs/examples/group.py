#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts a web server and a database together, as a group, waits for both and ends what is left."""

import sys

import gi

gi.require_version("Proctor", "1.0")
from gi.repository import Proctor  # noqa: E402


def main():
    manager = Proctor.Manager.new_embedded(None)
    group = manager.create_group("site", None, None)
    try:
        for member, script in (("web_server", "exit 0"), ("database", "exit 1")):
            group.add_process(member, Proctor.ProcessConfig.new(["sh", "-c", script]), None)
        _, started, failed = group.start_all(None)
        print("started", len(started.unpack()), "processes,", len(failed.unpack()), "failed")

        ends, complete = group.wait_for_all(Proctor.INFINITY, None)
        for member, (exit_code, result) in sorted(ends.unpack().items()):
            print("%s: %s %d" % (member, result, exit_code))
        print("all of them" if complete else "not all of them")
    finally:
        group.shutdown(None)
        manager.close(None)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts several workers at the same time, without blocking, and waits for all of them at once: each
call is a future of asyncio's, and GLib's main loop runs beside it in a thread of its own."""

import asyncio
import sys
import threading

import gi

gi.require_version("Proctor", "1.0")
from gi.repository import GLib, Proctor  # noqa: E402


class MainLoop:
    """GLib's main loop in a thread, and its asynchronous calls as futures."""

    def __init__(self):
        self.loop = GLib.MainLoop()
        self.thread = threading.Thread(target=self.loop.run, daemon=True)
        self.thread.start()

    def call(self, begin, finish, *arguments):
        here = asyncio.get_running_loop()
        future = here.create_future()

        def settle(outcome, error):
            if future.cancelled():
                return
            if error:
                future.set_exception(error)
            else:
                future.set_result(outcome)

        def ready(source, result):
            outcome = error = None
            try:
                outcome = finish(result)
            except GLib.Error as failure:
                error = failure
            here.call_soon_threadsafe(settle, outcome, error)

        def start():
            begin(*arguments, None, ready)
            return GLib.SOURCE_REMOVE

        GLib.idle_add(start)
        return future

    def quit(self):
        self.loop.quit()
        self.thread.join()


async def run_workers(glib):
    manager = await glib.call(Proctor.Manager.new_embedded_async,
                              Proctor.Manager.new_embedded_finish)
    try:
        starts = []
        for number in range(3):
            config = Proctor.ProcessConfig.new(["sh", "-c", "exit %d" % number])
            config.set_name("worker_%d" % number)
            starts.append(glib.call(manager.start_async, manager.start_finish, config))
        workers = await asyncio.gather(*starts)
        waits = [glib.call(worker.wait_async, worker.wait_finish, Proctor.INFINITY)
                 for worker in workers]
        ends = await asyncio.gather(*waits)
        for worker, (_, exit_code, result) in zip(workers, ends):
            print("%s: %s %d" % (worker.get_name(), result.value_nick, exit_code))
    finally:
        await glib.call(manager.shutdown_async, manager.shutdown_finish)
        await glib.call(manager.close_async, manager.close_finish)


def main():
    glib = MainLoop()
    asyncio.run(run_workers(glib))
    glib.quit()


if __name__ == "__main__":
    sys.exit(main())

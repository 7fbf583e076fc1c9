#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A message that the bus passes on and sd-bus drops leaves no descriptor in the service: one with an
object path longer than sd-bus takes, and the bus does not mind. (S-47)

    test-dropped.py PROCTORD"""

import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

MESSAGES, DESCRIPTORS, PATH_LENGTH = 20, 16, 70000
PATH, INTERFACE, MEMBER, DESTINATION, UNIX_FDS = 1, 2, 3, 6, 9
NO_REPLY_EXPECTED = 1


def padded(data, to):
    return data + b"\0" * (-len(data) % to)


def field(code, signature, value):
    head = bytes([code, 1]) + signature.encode() + b"\0"
    if signature == "u":
        return padded(head, 4) + struct.pack("<I", value)
    return padded(head, 4) + struct.pack("<I", len(value)) + value.encode() + b"\0"


def method_call(serial, path, interface, member, destination, *more, flags=0):
    fields = b""
    for one in (field(PATH, "o", path), field(INTERFACE, "s", interface), field(MEMBER, "s", member),
                field(DESTINATION, "s", destination), *more):
        fields = padded(fields, 8) + one
    return padded(b"l" + bytes([1, flags, 1]) + struct.pack("<III", 0, serial, len(fields)) + fields, 8)


def connect(path):
    bus = socket.socket(socket.AF_UNIX)
    bus.settimeout(20)
    bus.connect(path)
    bus.sendall(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode()
                + b"\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n")
    answer = b""
    while b"AGREE_UNIX_FD\r\n" not in answer:
        answer += bus.recv(4096)
    bus.sendall(method_call(1, "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello",
                            "org.freedesktop.DBus"))
    return bus


def until(what, condition):
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"not within 20 s: {what}")
        time.sleep(0.02)


def attack(bus):
    descriptors = [os.open("/dev/null", os.O_RDONLY) for _ in range(DESCRIPTORS)]
    for serial in range(2, 2 + MESSAGES):
        data = method_call(serial, "/" + "a" * PATH_LENGTH, "org.proctor1.Manager", "GetStats", "org.proctor1",
                           field(UNIX_FDS, "u", DESCRIPTORS), flags=NO_REPLY_EXPECTED)
        sent = socket.send_fds(bus, [data], descriptors)
        bus.sendall(data[sent:])


def main(proctord):
    for tool in ("dbus-daemon", "busctl"):
        if not shutil.which(tool):
            print(f"SKIP test-dropped: {tool} is not installed")
            return 77
    with tempfile.TemporaryDirectory(prefix="proctor-dropped.") as directory:
        address = f"unix:path={directory}/bus"
        # the order in which a bus passes on is that of sending: who is answered has let the others by
        call = ["busctl", f"--address={address}", "call", "org.proctor1", "/org/proctor1",
                "org.proctor1.Manager", "GetStats"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        daemon = subprocess.Popen(["dbus-daemon", "--session", "--nofork", f"--address={address}"], **quiet)
        until("the bus", lambda: os.path.exists(f"{directory}/bus"))
        service = subprocess.Popen([proctord, f"--address={address}"], **quiet)
        try:
            until("the service", lambda: subprocess.run(call, **quiet).returncode == 0)
            with connect(f"{directory}/bus") as bus:
                before = len(os.listdir(f"/proc/{service.pid}/fd"))
                attack(bus)
                # what the last of them costs is there before this one is answered
                bus.sendall(method_call(2 + MESSAGES, "/org/proctor1", "org.freedesktop.DBus.Peer", "Ping",
                                        "org.proctor1"))
                answers = b""
                while struct.pack("<I", 2 + MESSAGES) not in answers:
                    answers += bus.recv(65536)
                after = len(os.listdir(f"/proc/{service.pid}/fd"))
            assert subprocess.run(call, **quiet).returncode == 0, "the service has gone"
        finally:
            for child in (service, daemon):
                child.terminate()
                child.wait(20)
    grown = after - before
    print(f"{MESSAGES * DESCRIPTORS} descriptors were sent, {grown} are left")
    ok = grown < DESCRIPTORS
    print("1 passed, 0 failed" if ok else "0 passed, 1 failed")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

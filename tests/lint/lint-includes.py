#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The arrows of the house: which room may include which."""

import re
import tree

# room: (folders that its own #include "..." may name, what its #include <...> may not name)
NO_SYSTEM = (r"systemd/|gio/|glib-unix|unistd\.h|fcntl\.h|poll\.h|time\.h|pthread\.h|"
             r"sys/(?!types\.h)")
ROOMS = {
    "service/base/": (("base/",), r"systemd/|gio/"),
    "service/core/": (("base/", "core/", "dbus/"), NO_SYSTEM),
    "service/sys/": (("base/", "core/", "sys/"), r"systemd/|gio/"),
    "service/bus/": (("base/", "core/", "bus/", "dbus/"), r"gio/|sys/wait\.h|spawn\.h"),
    "service/": (("base/", "core/", "sys/", "bus/", "dbus/", "config.h", "idle-source.h",
                  "trim-source.h"), r"gio/"),
    "libclient/": (("proctor/", "dbus/", "libclient/"), r"systemd/"),
    "cli/": ((), r"systemd/"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def problems_of(top, path):
    room = next(name for name in ROOMS if path.startswith(name))
    allowed, forbidden = ROOMS[room]
    for match in INCLUDE.finditer(tree.read(top, path)):
        quote, name = match.groups()
        if quote == "<":
            if re.match(forbidden, name) or (room != "cli/" and name.startswith("proctor/")
                                             and room != "libclient/"):
                yield "%s: includes <%s>, which %s must not know" % (path, name, room)
        elif not name.startswith(allowed) and ("/" in name or room.startswith("service/")):
            yield '%s: includes "%s", which %s must not know' % (path, name, room)


top = tree.root()
found = [problem for path in tree.files(top, ".c", ".h", under=tuple(ROOMS))
         for problem in problems_of(top, path)]
if re.search(r"#\s*include", tree.read(top, "dbus/proctor-names.h")):
    found.append("dbus/proctor-names.h: includes something: it is plain C for either side")
tree.verdict(found, "includes")

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes manual pages of what describes itself already, so that the two cannot differ: the tool's and
the service's own help, and the interfaces. Prints a page.

    make-man.py page TEMPLATE VERSION [PROCTOR|PROCTORD]   fills @VERBS@, @OPTIONS@, @TOPICS@
    make-man.py interfaces VERSION XML...                  org.proctor1(5)"""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

ESCAPES = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}


def escape(text):
    """Characters as they are: no hyphens, quotes or requests out of them."""
    text = "".join(ESCAPES.get(c, c) for c in text)
    return re.sub(r"^\.", "\\\\&.", text, flags=re.M)


def paragraphs(text):
    """Filled text, in which an empty line ends a paragraph and other line breaks mean nothing."""
    return "\n.PP\n".join(escape(re.sub(r"\s+", " ", part.strip()))
                          for part in re.split(r"\n\s*\n", text.strip()))


def verbatim(text):
    return ".PP\n.nf\n.RS 4\n%s\n.RE\n.fi" % escape(text.rstrip("\n"))


def bold(text):
    return "\\fB%s\\fP" % escape(text)


def italic(text):
    return "\\fI%s\\fP" % escape(text)


def option_entry(option):
    names = (["-" + option["Letter"]] if option["Letter"] else []) + ["--" + option["Name"]]
    value = "=" + italic(option["Value"]) if option["Value"] else ""
    return ".TP\n%s%s\n%s" % (", ".join(map(bold, names)), value, paragraphs(option["Help"]))


def synopsis(text):
    """Words in capitals are to be replaced, the rest is to be typed."""
    return "".join(italic(part) if part.isupper() else bold(part) if part[:1].isalpha() or
                   part[:1] == "-" else escape(part)
                   for part in re.findall(r"--?[a-z][a-z-]*|[A-Z]+|[a-z]+|[^A-Za-z-]+|-", text))


def verb_entry(verb):
    lines = [".SS %s" % escape("proctor %s" % verb["Name"]),
             "%s %s" % (bold("proctor " + verb["Name"]), synopsis(verb["Synopsis"])),
             ".PP", paragraphs(verb["Description"])]
    lines += map(option_entry, verb["Options"])
    return "\n".join(lines + [".PP", paragraphs("Exit codes: " + verb["ExitCodes"] + ".")])


def topic_entry(topic):
    return ".SS %s\n%s" % (escape(topic["Summary"][0].upper() + topic["Summary"][1:]),
                           verbatim(topic["Text"]))


def tool_help(program):
    known = json.loads(subprocess.run([program, "help", "--json"], check=True,
                                      capture_output=True, text=True).stdout)
    return {"VERBS": "\n".join(map(verb_entry, known["Verbs"])),
            "OPTIONS": "\n".join(map(option_entry, known["Options"])),
            "TOPICS": "\n".join(map(topic_entry, known["Topics"]))}


def service_help(program):
    """GLib's help: `  -x, --name=VALUE   text`, in which long texts are not wrapped."""
    text = subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout
    found = re.findall(r"^  (?:-(\w), )?--([a-z-]+)(?:=(\S+))?  +(.+)$", text, re.M)
    return {"OPTIONS": "\n".join(
        option_entry({"Letter": letter, "Name": name, "Value": value, "Help": about + "."})
        for letter, name, value, about in found)}


def page(template, version, program=None):
    with open(template, encoding="utf-8") as stream:
        text = stream.read().replace("@VERSION@", version)
    if program:
        is_tool = "@VERBS@" in text
        for name, filled in (tool_help if is_tool else service_help)(program).items():
            text = text.replace("@%s@" % name, filled)
    return text.rstrip("\n")


class Comment:
    """The comment before a member: NAME:, then @argument: text, then paragraphs."""

    def __init__(self, text):
        lines = [line.strip() for line in text.strip().split("\n")]
        self.name = lines[0].rstrip(":")
        self.arguments, body, current = {}, [], None
        for line in lines[1:]:
            match = re.match(r"@(\w+): ?(.*)", line)
            if match:
                current = match.group(1)
                self.arguments[current] = match.group(2)
            elif not line or not current:
                current = None
                body.append(line)
            else:
                self.arguments[current] += " " + line
        self.since = self.arguments.pop("since", "")
        self.summary = self.arguments.pop("short_description", "")
        self.body = "\n".join(body)

    def roff(self):
        """Lines that begin with `Name (type` or with `word: ` of a list begin a line."""
        text = re.sub(r"</?literal>|@(?=\w)", "", self.body)
        parts = []
        for part in filter(None, (p.strip() for p in re.split(r"\n\s*\n", text))):
            lines = re.split(r"\n(?=[A-Z]\w+(?:, [A-Z]\w+)* \([a-z(){}]+[,)])", part)
            parts.append("\n.br\n".join(paragraphs(line) for line in lines))
        return "\n.PP\n".join(parts)


def signature(element):
    def side(direction):
        return ", ".join("%s %s" % (bold(arg.get("type")), italic(arg.get("name")))
                         for arg in element.findall("arg")
                         if arg.get("direction", "out") == direction)
    taken, given = side("in"), side("out")
    if element.tag == "signal":
        return "%s(%s)" % (bold(element.get("name")), given)
    return "%s(%s)%s" % (bold(element.get("name")), taken,
                         " \\(-> %s" % given if given else "")


def property_line(element):
    changes = element.find("annotation[@name="
                           "'org.freedesktop.DBus.Property.EmitsChangedSignal']")
    how = {"const": "constant", "true": "changes are signalled", "false": "read when asked",
           "invalidates": "a change is signalled without the value"}
    return "%s, %s; %s%s" % (
        bold(element.get("name")), bold(element.get("type")),
        how[changes.get("value") if changes is not None else "true"],
        "; can be set" if "write" in element.get("access") else "")


def member_entry(element, comment):
    head = property_line(element) if element.tag == "property" else signature(element)
    lines = [".TP", head]
    lines.append(comment.roff() if comment.body.strip() else "")
    for name, text in comment.arguments.items():
        lines += [".IP", "%s: %s" % (italic(name), escape(text))]
    body = "\n".join(filter(None, lines))
    return body.replace("\n.PP\n", "\n.IP\n") + "\n.IP\nSince %s." % escape(comment.since)


def interface_pages(path):
    """Each interface of a file, with its members, in the order of the file."""
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    comment = None
    for child in ET.parse(path, parser).getroot():
        if child.tag is ET.Comment:
            comment = Comment(child.text)
            continue
        yield ".SH %s" % escape(child.get("name"))
        yield paragraphs(comment.summary + ".")
        yield ".PP\n" + comment.roff()
        members = {"method": [], "signal": [], "property": []}
        about = None
        for member in child:
            if member.tag is ET.Comment:
                about = Comment(member.text)
            elif member.tag in members:
                if not about or about.name != member.get("name"):
                    sys.exit("%s: %s is not described" % (path, member.get("name")))
                members[member.tag].append(member_entry(member, about))
        for title, kind in (("Methods", "method"), ("Signals", "signal"),
                            ("Properties", "property")):
            if members[kind]:
                yield ".SS %s" % title
                yield from members[kind]


def interfaces(version, *paths):
    lines = ['.TH ORG.PROCTOR1 5 "" "proctor %s" "D\\-Bus interfaces"' % version,
             ".SH NAME", "org.proctor1 \\- the D\\-Bus interfaces of the process service proctord",
             ".SH DESCRIPTION",
             paragraphs("What proctord(8) offers on the bus. Types are those of D-Bus: s string, "
                        "o object path, u and i 32 bits without and with a sign, t 64 bits without "
                        "one, b boolean, h descriptor, y byte, v variant, a array.")]
    for path in paths:
        lines += interface_pages(path)
    lines += [".SH SEE ALSO", "\\fBproctor\\fP(1), \\fBlibproctor\\fP(3), \\fBbusctl\\fP(1), "
              "\\fBproctord\\fP(8)"]
    return "\n".join(lines)


if len(sys.argv) < 3 or sys.argv[1] not in ("page", "interfaces"):
    sys.exit(__doc__)
print({"page": page, "interfaces": interfaces}[sys.argv[1]](*sys.argv[2:]))

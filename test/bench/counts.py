# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what callgrind counted."""
import re
from pathlib import Path


class Counts:
    """A callgrind dump: instructions of each function, and what it spends in those it calls."""

    def __init__(self, path):
        self.own, self.calls, self.label, self.object_of = {}, {}, {}, {}
        names = {}            # numbers stand for names after their first use
        where = {"ob": "", "cob": "", "fl": ""}
        caller = callee = None
        lines = iter(path.read_text().split("\n"))

        def cost_of(line):
            """Behind the position; callgrind leaves out what is 0."""
            return int((line.split() + ["0"])[1])

        def name_of(kind, text):
            number, _, word = text.partition(" ")
            if word:
                names[kind, number] = word
            return names[kind, number]

        for line in lines:
            key, _, value = line.partition("=")
            if re.match(r"[0-9*+-]", line):
                self.own[caller] = self.own.get(caller, 0) + cost_of(line)
            elif key in ("ob", "cob"):
                where[key] = name_of("ob", value)
            elif key in ("fl", "fi", "fe", "cfi", "cfl"):
                file = name_of("fl", value)
                where["fl"] = file if key == "fl" else where["fl"]
            elif key == "fn":   # the number: static functions may share a name
                name, caller = name_of("fn", value), value.split()[0]
                self.object_of[caller] = where["ob"]
                self.label[caller] = f"{name} ({'/'.join(Path(where['fl']).parts[-2:])})"
            elif key == "cfn":
                name, callee = name_of("fn", value), value.split()[0]
                self.label.setdefault(callee, name)
                self.object_of.setdefault(callee, where["cob"] or where["ob"])
                where["cob"] = ""
            elif key == "calls":
                edge = self.calls.setdefault((caller, callee), [0, 0])
                edge[0] += int(value.split()[0])
                edge[1] += cost_of(next(lines))
        self.total = sum(self.own.values())

    def with_callees(self, function):
        return self.own.get(function, 0) + sum(
            cost for (caller, callee), (_, cost) in self.calls.items() if caller == function != callee)

    def called(self, name):
        return sum(times for (_, callee), (times, _) in self.calls.items()
                   if self.label[callee].split(" ")[0] == name)

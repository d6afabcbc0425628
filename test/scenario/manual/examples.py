# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of doc/ims_regmon_admin.xml, and what it takes to try them."""
import os
import re
import shlex
import xml.etree.ElementTree as Tree

from kamailio import TOP

MANUAL = os.path.join(TOP, "doc", "ims_regmon_admin.xml")


class Example:
    """.name (id of the example, or of its section), .role, .lines"""

    def __init__(self, name, element):
        self.name, self.role = name, element.get("role", element.tag)
        self.lines = element.text.strip("\n").split("\n")

    def __repr__(self):
        return self.name

    def excerpt(self):
        """the lines without the dots of what is in front of them and behind"""
        lines = list(self.lines)
        while lines and lines[0] == "...":
            lines.pop(0)
        while lines and lines[-1] == "...":
            lines.pop()
        return lines

    def text(self, instead_of_dots=""):
        """as text; a line of dots further inside is what somebody's own routing does"""
        lines = [instead_of_dots if line.strip() == "..." else line for line in self.excerpt()]
        return "\n".join(lines) + "\n"

    def commands(self):
        """(command, lines it prints) for each line that begins with a prompt"""
        found = []
        for line in self.lines:
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
        return found


def examples():
    found = []

    def walk(element, name):
        for child in element:
            if child.tag in ("programlisting", "screen"):
                found.append(Example(name, child))
            else:
                walk(child, child.get("id") or name)

    walk(Tree.parse(MANUAL).getroot(), "")
    return found


def of_role(role):
    return [example for example in examples() if example.role == role]


def words(command):
    return shlex.split(command)


def even(line):
    """A line without what differs from run to run: times, durations, counts, the width of columns. What stands for a
    phone (15 digits) and names like CSEQ-02 stay."""
    text = line.strip()
    text = re.sub(r"\b[A-Z][a-z]{2} +\d+ (?=\d\d:\d\d)", "", text)  # a date: shortly before midnight
    text = re.sub(r"(?<![\w-])(?!\d{15}(?!\d))\d+(?:\.\d+)*", "#", text)
    text = re.sub(r"#(?::#)+", "#", text)
    text = re.sub(r"# (?:ms|s|min|h|d)\b(?: # (?:ms|s|min|h|d)\b)*", "# s", text)
    return " " * indent(line) + re.sub(r"\s+", " ", text)


def fits(shown, real):
    """a line of the manual and one that was printed; dots at its end stand for the rest"""
    if shown.rstrip().endswith("..."):
        return even(real).startswith(even(shown.rstrip()[:-3]).rstrip())
    return even(shown) == even(real)


def indent(line):
    return len(line) - len(line.lstrip())


def misfit(shown, real):
    """None when the lines of the manual are those that were printed, in this order and without others but where there
    are dots; else what is missing. Dots at the end of a line stand for the lines that it goes on in, too."""
    at, gap = 0, False
    for line in shown:
        if line.strip() == "...":
            gap = True
            continue
        there = next((i for i in range(at, len(real)) if fits(line, real[i])), None)
        if there is None or (there > at and not gap):
            return f"shown: {line!r}\nthere: {real[at] if at < len(real) else 'the end'!r}"
        at, gap = there + 1, False
        while line.rstrip().endswith("...") and at < len(real) and indent(real[at]) > indent(line) + 10:
            at += 1
    return None if gap or at == len(real) else f"the manual ends before {real[at]!r}"


def unlike(sample, real, where="answer"):
    """None when everything that the sample has is in the real answer, of the same type; else what is not."""
    if isinstance(sample, dict):
        if not isinstance(real, dict):
            return f"{where} is no object"
        return next((fault for key in sample for fault in [
            unlike(sample[key], real[key], f"{where}.{key}") if key in real else f"{where} has no {key}"] if fault), None)
    if isinstance(sample, list):
        if not isinstance(real, list) or len(real) < len(sample):
            return f"{where} is no list of {len(sample)}"
        return next((fault for i, entry in enumerate(sample)
                     for fault in [unlike(entry, real[i], f"{where}[{i}]")] if fault), None)
    if isinstance(sample, int) and isinstance(real, int):
        return None
    return None if sample == real else f"{where} is {real!r}, shown is {sample!r}"

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts each mutation of the list into a copy of the tree, builds the unit tests that
it names and runs them: one has to fail. Prints which one did. ONLY=pattern runs the
mutations whose name matches. Ends with "N passed, N failed"."""
import glob
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
CACHE = os.path.join(TOP, os.environ.get("CACHE", "build/cache"))
COPY = os.path.join(BUILD, "mutations", "tree")
WANTED = os.environ.get("ONLY", "")


def mutations():
    with open(os.path.join(HERE, "list")) as file:
        text = file.read()
    for paragraph in text.split("\n\n")[1:]:
        first, *_ = paragraph.partition("\n")
        name, _, about = first.partition(": ")
        fields = dict(re.findall(r"^(in|from|to|ask): (.*?)(?=\n(?:in|from|to|ask): |\Z)", paragraph.rstrip("\n"),
                                 re.M | re.S))
        yield name, about, fields


def copy_tree():
    shutil.rmtree(os.path.dirname(COPY), ignore_errors=True)
    shutil.copytree(TOP, COPY, symlinks=True,
                    ignore=lambda folder, names: [name for name in names if name in ("build", ".git") and folder == TOP])


def run_tests(programs):
    """(how many failed, names of tests that did); None: it could not be built"""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("BUILD", "ONLY", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    for log in glob.glob(os.path.join(COPY, "build", "unit", "*.log")):
        os.remove(log)
    done = subprocess.run(["make", "-C", COPY, "BUILD=build", f"CACHE={CACHE}", "UNIT_FLAGS=-O0 -g", "unit",
                           f"ONLY={programs}"], env=environment, capture_output=True, text=True, errors="replace")
    counts = re.findall(r"^(\d+) passed, (\d+) failed$", done.stdout, re.M)
    if not counts:
        print((done.stdout + done.stderr)[-2000:])
        return None, []
    caught = []
    for log in sorted(glob.glob(os.path.join(COPY, "build", "unit", "*.log"))):
        with open(log, errors="replace") as file:
            names = re.findall(r"^\[  (?:FAILED |ERROR  ) \] (\w+)$", file.read(), re.M)
        caught += [f"{os.path.basename(log)[:-4]}: {name}" for name in dict.fromkeys(names)]
    return int(counts[-1][1]), caught


def put_in(fields):
    """The source as it was; None: it does not have the text, or has it more than once."""
    path = os.path.join(COPY, fields["in"])
    with open(path) as file:
        text = file.read()
    if text.count(fields["from"]) != 1:
        return None
    with open(path, "w") as file:
        file.write(text.replace(fields["from"], fields["to"]))
    return text


def try_one(name, fields):
    before = put_in(fields)
    if before is None:
        return f"{fields['in']} does not have its text once: the list is out of date"
    failed, caught = run_tests(fields["ask"])
    with open(os.path.join(COPY, fields["in"]), "w") as file:
        file.write(before)
    if failed is None:
        return "it does not build"
    if failed == 0:
        return f"nothing in {fields['ask']} fails"
    shown = ", ".join(caught[:3]) + (f" and {len(caught) - 3} more" if len(caught) > 3 else "")
    print(f"  caught {name:26s} {shown or f'{failed} failed'}", flush=True)
    return None


def main():
    began = time.monotonic()
    copy_tree()
    chosen = [one for one in mutations() if re.search(WANTED, one[0])]
    passed = failed = 0
    # what is not changed has to pass, or a failure would say nothing
    for programs in sorted({fields["ask"] for _, _, fields in chosen}):
        bad, caught = run_tests(programs)
        if bad != 0:
            print(f"  FAILED without a mutation: {programs}: {', '.join(caught)}")
            failed += 1
    for name, about, fields in chosen if failed == 0 else []:
        wrong = try_one(name, fields)
        passed += wrong is None
        if wrong:
            failed += 1
            print(f"  MISSED {name:26s} {about}: {wrong}", flush=True)
    print(f"{len(chosen)} mutations in {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())

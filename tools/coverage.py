#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""coverage.py BUILD LEAST FOLDER...: lines of each source of these folders that have
run, from the gcov notes below BUILD: a line counts when it ran in the unit tests'
objects (seeds run in these, too) or in the module's. Ends with
"N passed, N failed"; a folder below LEAST percent has failed, and so have all
together."""
import collections
import json
import os
import subprocess
import sys

AT_ONCE = 40


def reports(notes):
    """what gcov says of these notes: one JSON document for each"""
    for at in range(0, len(notes), AT_ONCE):
        done = subprocess.run(["gcov", "--json-format", "--stdout", *notes[at:at + AT_ONCE]], capture_output=True, text=True)
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                yield json.loads(line)


def lines_that_ran(build, folders):
    """source: {line: has run}, of which kind of object"""
    found = collections.defaultdict(dict)
    kinds = collections.Counter()
    top = os.getcwd()
    notes = []
    for folder, _, names in os.walk(build):
        kind = "unit tests and seeds" if os.path.join(build, "unit") in folder else "scenarios"
        if os.path.basename(folder) not in folders:
            continue
        for name in sorted(names):
            if name.endswith(".gcda"):
                notes.append(os.path.abspath(os.path.join(folder, name)))
                kinds[kind] += 1
    for report in reports(notes):
        for file in report["files"]:
            name = os.path.relpath(os.path.join(report["current_working_directory"], file["file"]), top)
            if os.path.dirname(name) not in folders or not name.endswith(".c"):
                continue
            ran = found[name]
            for line in file["lines"]:
                number = line["line_number"]
                ran[number] = ran.get(number, False) or line["count"] > 0
    return found, kinds


def main():
    build, least, *folders = sys.argv[1:]
    found, kinds = lines_that_ran(build, folders)
    for kind in ("unit tests and seeds", "scenarios"):
        print(f"  {kind}: {kinds[kind]} objects")
    all_lines = collections.Counter()
    all_ran = collections.Counter()
    for name in sorted(found):
        lines, ran = len(found[name]), sum(found[name].values())
        print(f"  {name:46s} {lines:5d} lines  {100 * ran / lines:5.1f} %")
        for sum_of in (os.path.dirname(name), "all"):
            all_lines[sum_of] += lines
            all_ran[sum_of] += ran
    passed = failed = 0
    for name in [*folders, "all"]:
        share = 100 * all_ran[name] / all_lines[name] if all_lines[name] else 0
        good = share >= float(least)
        passed, failed = passed + good, failed + (not good)
        print(f"  {'ok    ' if good else 'FAILED'} {name:39s} {all_lines[name]:5d} lines  {share:5.1f} %"
              f"{'' if good else f', wanted: {least}'}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

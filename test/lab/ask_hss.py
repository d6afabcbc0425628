# SPDX-License-Identifier: GPL-2.0-or-later
"""ask_hss.py CONTROL state | change IMSI NAME=VALUE... | terminate IMSI: one question to the HSS of a running lab."""
import json
import socket
import sys


def ask(control, do, **how):
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(control)
        with line.makefile("rw") as lines:
            lines.write(json.dumps({"do": do, **how}) + "\n")
            lines.flush()
            return json.loads(lines.readline())


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    control, do, *words = sys.argv[1:]
    how = {"imsi": words[0]} if words else {}
    for word in words[1:]:
        name, _, value = word.partition("=")
        how[name] = int(value) if value.isdigit() else value
    print(json.dumps(ask(control, do, **how), indent=1))


if __name__ == "__main__":
    main()

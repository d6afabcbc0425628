# SPDX-License-Identifier: GPL-2.0-or-later
"""Many phones at once: SIPp with AKA, each phone with an address of its own."""
import os
import re
import shutil
import subprocess
import tempfile

import hss
from chain import DOMAIN, HERE, fill
from confidential import SECRETS
from network import ACCESS, PCSCF, phone_address


def keyword(impi):
    return (f"[authentication username={impi} aka_K={hss.K.decode()} aka_OP={hss.OP.decode()} "
            f"aka_AMF={hss.AMF.decode()}]")


class Bulk:
    """The phones with the numbers from first on."""

    def __init__(self, chain, count, first=1):
        self.chain, self.count = chain, count
        self.imsis = [f"001010{number:09d}" for number in range(first, first + count)]
        self.folder = tempfile.mkdtemp(prefix="regmon-sipp-")
        with open(os.path.join(HERE, "register.xml")) as file:
            scenario = fill(file.read())
        with open(os.path.join(self.folder, "register.xml"), "w") as file:
            file.write(scenario)
        with open(os.path.join(self.folder, "phones.csv"), "w") as file:
            file.write("SEQUENTIAL\n")
            for number, imsi in enumerate(self.imsis, first):
                file.write(f"{imsi};{phone_address(number)};{number:06d};{keyword(f'{imsi}@{DOMAIN}')}\n")
        self.command = [
            *chain.network.command("access"), "sipp", f"{PCSCF}:5060", "-sf", "register.xml", "-inf", "phones.csv",
            "-t", "ui", "-ip_field", "1", "-i", ACCESS, "-p", "5060", "-auth_uri", DOMAIN, "-m", str(count),
            "-r", "50", "-l", "10", "-max_socket", str(count + 20), "-nostdin"]

    def registers(self, limit_s=120):
        """All of them; how many did, how many failed, and SIPp's last words"""
        done = subprocess.run([*self.command, "-timeout", str(limit_s), "-trace_err", "-error_file", "err",
                               "-trace_msg", "-message_file", "messages"],
                              cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=limit_s + 30)
        counts = [re.findall(rf"{what} call +\| +\d+ +\| +(\d+)", done.stdout)[-1:]
                  for what in ("Successful", "Failed")]
        with open(os.path.join(self.folder, "messages"), "rb") as file:
            SECRETS.learn(file.read())
        errors = os.path.join(self.folder, "err")
        words = done.stderr
        if os.path.exists(errors):
            with open(errors, errors="replace") as file:
                words += file.read()[-2000:]
        return (*(int(count[0]) if count else None for count in counts), words)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

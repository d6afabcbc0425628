# SPDX-License-Identifier: GPL-2.0-or-later
"""Many phones from one socket, one REGISTER each, faster than Phone objects could:
what is asked is what becomes of thousands of attempts."""
import re
import socket
import time

from sip import Phone

_NUMBER = re.compile(rb"Call-ID: *burst-(\d+)", re.IGNORECASE)


class Burst:
    """One attempt each, numbered; .codes and .round_trips (seconds) by number."""

    def __init__(self, port):
        self.node = ("127.0.0.1", port)
        phone = Phone(port, "00101NNNNNNNNNN", call_id="burst-NNNNNNNNNN")
        self.template = phone.message(branch="z9hG4bKburstNNNNNNNNNN")
        phone.close()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(1)
        self.codes, self.round_trips = {}, {}

    def close(self):
        self.socket.close()

    def _send(self, number):
        self.socket.sendto(self.template.replace("NNNNNNNNNN", f"{number:010d}").encode(), self.node)

    def register(self, first, n, window=20, pace_s=0.0):
        """n attempts numbered from first on, so many of them open at a time; each waits
        for its final answer. What gets none within a second is sent again as it was."""
        open_ones, next_number, tries = {}, first, 0
        while next_number < first + n or open_ones:
            while next_number < first + n and len(open_ones) < window:
                if pace_s:
                    time.sleep(pace_s)
                open_ones[next_number] = time.perf_counter()
                self._send(next_number)
                next_number += 1
            try:
                answer = self.socket.recv(65536)
            except (TimeoutError, socket.timeout):
                tries += 1
                assert tries < 30, f"no answer to {len(open_ones)} REGISTERs"
                for number in open_ones:
                    self._send(number)
                continue
            number, code = int(_NUMBER.search(answer).group(1)), int(answer[8:11])
            if code >= 200 and number in open_ones:
                self.round_trips[number] = time.perf_counter() - open_ones.pop(number)
                self.codes[number] = code
        return self

    def milliseconds(self, first, n):
        """median and 95th percentile of the round trips of these"""
        times = sorted(self.round_trips[number] * 1000 for number in range(first, first + n))
        return times[n // 2], times[n * 95 // 100]

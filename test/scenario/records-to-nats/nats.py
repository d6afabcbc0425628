# SPDX-License-Identifier: GPL-2.0-or-later
"""A private nats-server from Debian, and a subscriber that keeps what it gets."""
import re
import signal
import socket
import subprocess
import threading
import time

from confidential import SECRETS
from kamailio import _program, free_port

SERVER = _program("nats-server")


class Broker:
    """May be stopped in its tracks (hang), or killed and started again."""

    def __init__(self, log):
        self.port, self.log = free_port(socket.SOCK_STREAM), log
        self.process = None
        self.start()

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([SERVER, "-a", "127.0.0.1", "-p", str(self.port)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < until, open(self.log).read()
                time.sleep(0.05)

    def hang(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.kill()


class Subscriber:
    """Takes all messages of a subject; .messages is a list of (subject, payload)."""

    def __init__(self, port, subject):
        self.messages, self.running, self.pending = [], True, b""
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.socket.sendall(f'CONNECT {{"verbose":false}}\r\nSUB {subject} 1\r\nPING\r\n'.encode())
        self.socket.settimeout(0.2)
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        assert self.ready.wait(10), "the broker does not answer"

    def _more(self):
        try:
            data = self.socket.recv(1 << 20)
        except (TimeoutError, socket.timeout):
            return True
        except OSError:
            return False
        self.pending += data
        return bool(data)

    def _read(self):
        while self.running and self._more():
            while self._one():
                pass

    def _one(self):
        """Takes one whole protocol message off what has come; false when there is none."""
        line, end, rest = self.pending.partition(b"\r\n")
        if not end:
            return False
        if line.startswith(b"MSG "):
            words = line.split()
            size = int(words[-1])
            if len(rest) < size + 2:
                return False
            self.messages.append((words[1].decode(), SECRETS.check("a message of the broker", rest[:size]).decode()))
            rest = rest[size + 2:]
        elif line == b"PING":
            self.socket.sendall(b"PONG\r\n")
        elif line == b"PONG":
            self.ready.set()
        elif re.match(rb"-ERR", line):
            self.messages.append(("error", line.decode()))
        self.pending = rest
        return True

    def count(self, subject):
        return sum(1 for name, _ in self.messages if name == subject)

    def close(self):
        self.running = False
        self.thread.join(2)
        self.socket.close()

# SPDX-License-Identifier: GPL-2.0-or-later
"""HTTP as seen from outside: whole answers of a node, and a raw connection for what
no library would send."""
import http.client
import json
import socket

from confidential import SECRETS

LONGEST = 32768  # of a whole answer: the write queue that Kamailio keeps for a connection


class Answer:
    def __init__(self, code, headers, body):
        self.code, self.headers, self.body = code, headers, body

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        assert self.headers["content-type"] == "application/json", self.headers
        return json.loads(self.body)


class Web:
    """Answers of one node; each call is a connection of its own unless one is given."""

    def __init__(self, node, host="127.0.0.1"):
        self.node, self.host = node, host

    def get(self, target, method="GET", body=None, source=None, **headers):
        where = (source, 0) if source else None
        connection = http.client.HTTPConnection(self.host, self.node.port, timeout=10, source_address=where)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, body=body, headers=headers)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        head = {name.lower(): value for name, value in response.getheaders()}
        # status line, header lines, empty line
        size = 15 + len(response.reason) + sum(len(n) + len(v) + 4 for n, v in response.getheaders()) + 2
        assert size + len(data) <= LONGEST, f"{target}: {size + len(data)} bytes"
        SECRETS.check(f"the answer of {target}", repr(head).encode() + data)
        return Answer(response.status, head, data)

    def api(self, name, /, **parameters):
        return self.get(f"/regmon/api/{name}" + query(parameters)).json()


def query(parameters):
    from urllib.parse import quote
    pairs = [f"{name}={quote(str(value), safe='')}" for name, value in parameters.items()]
    return "?" + "&".join(pairs) if pairs else ""


class Connection:
    """Bytes to a node, and answers as they come back one after the other."""

    def __init__(self, node, receive_buffer=None, timeout=10):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", node.port))
        self.pending = b""

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def more(self, most=65536):
        """the next bytes are added to pending; False at the end"""
        try:
            data = self.socket.recv(most)
        except (ConnectionResetError, BrokenPipeError):
            return False
        self.pending += data
        return bool(data)

    def answer(self, with_body=True):
        """one whole answer, None when the connection ends before it"""
        while b"\r\n\r\n" not in self.pending:
            if not self.more():
                return None
        head, _, rest = self.pending.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines[1:])}
        length = int(headers["content-length"]) if with_body else 0
        while len(rest) < length:
            if not self.more():
                return None
            rest = self.pending.partition(b"\r\n\r\n")[2]
        self.pending = rest[length:]
        SECRETS.check("an answer of HTTP", rest[:length])
        return Answer(int(lines[0].split()[1]), headers, rest[:length])

    def is_closed(self):
        """the other side has closed, with nothing more to read"""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.socket.close()

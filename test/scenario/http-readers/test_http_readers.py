# SPDX-License-Identifier: GPL-2.0-or-later
import itertools
import socket
import threading
import time

import pytest

from regmon import Regmon
from sip import Phone, eventually
from web import Connection, Web

LONG = "/regmon/api/rules"  # fills an answer


@pytest.fixture
def node(start):
    return start(parameters=[("http_allow", "127.0.0.1")], tcp=True, head="tcp_accept_no_cl=yes\n")


def request(target, version="1.1", *headers):
    return "\r\n".join([f"GET {target} HTTP/{version}", "Host: x", *headers]) + "\r\n\r\n"


def test_one_connection_for_many(node):
    connection = Connection(node)
    for _ in range(20):
        connection.send(request("/regmon/api/summary"))
        answer = connection.answer()
        assert answer.code == 200 and answer.headers["connection"] == "keep-alive"
    connection.close()


def test_pipelined(node):
    """answers come whole and in order"""
    connection = Connection(node)
    targets = ["/regmon/api/summary", LONG, "/regmon/api/nothing", "/regmon/metrics", LONG, "/regmon/x"]
    connection.send("".join(request(target) for target in targets))
    answers = [connection.answer() for _ in targets]
    assert [answer.code for answer in answers] == [200, 200, 404, 200, 200, 404]
    assert "role" in answers[0].json() and "rules" in answers[1].json()
    assert "error" in answers[2].json() and answers[3].text.startswith("# HELP")
    connection.close()


@pytest.mark.parametrize("version, header, closes", [
    ("1.1", "X: y", False), ("1.1", "Connection: close", True), ("1.0", "X: y", True),
    ("1.0", "Connection: keep-alive", False)])
def test_close_or_go_on(node, version, header, closes):
    connection = Connection(node, timeout=5)
    connection.send(request(LONG, version, header))
    answer = connection.answer()
    assert answer.code == 200 and answer.headers["connection"] == ("close" if closes else "keep-alive")
    if closes:
        assert connection.is_closed()
    else:
        connection.send(request("/regmon/api/summary", version, header))
        assert connection.answer().code == 200
    connection.close()


def test_head(node):
    connection = Connection(node)
    connection.send("HEAD /regmon/api/rules HTTP/1.1\r\nHost: x\r\n\r\n" + request("/regmon/api/summary"))
    head = connection.answer(with_body=False)
    assert head.code == 200 and int(head.headers["content-length"]) > 20000
    assert connection.answer().json()["role"]  # follows at once: no body before it
    connection.close()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "POST", "get"])
def test_nothing_can_be_changed(node, method):
    connection = Connection(node)
    connection.send(f"{method} /regmon/api/summary HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}")
    answer = connection.answer()
    assert answer.code == 405 and answer.headers["allow"] == "GET, HEAD"
    assert "GET, HEAD" in answer.json()["error"]["message"]
    connection.close()


def test_slow_reader_slows_no_one(node, phones, record_property):
    """4 kB of receive buffer, 10 kB/s: whole answers, and phones as fast as before"""
    phone = phones(node, transport="TCP")
    phone.registers()

    def refreshes():
        started = time.monotonic()
        for _ in range(10):
            phone.refresh()
            phone.expect(200)
        return time.monotonic() - started

    alone = refreshes()
    slow = [Connection(node, receive_buffer=4096, timeout=20) for _ in range(5)]
    for connection in slow:
        connection.send(request(LONG))
    whole = Web(node).get(LONG).body
    answers = [None] * len(slow)

    def read(index):
        connection = slow[index]
        while len(connection.pending) < len(whole):
            time.sleep(0.1)
            connection.more(1024)
        answers[index] = connection.answer()

    readers = [threading.Thread(target=read, args=(i,)) for i in range(len(slow))]
    started = time.monotonic()
    for reader in readers:
        reader.start()
    beside = refreshes()
    # generous: the machine may be slow, but not as slow as they are
    assert beside < 1 + 10 * alone, (alone, beside)
    for reader in readers:
        reader.join(60)
    record_property("measured", f"10 refreshes in {alone * 1000:.0f} ms alone, in {beside * 1000:.0f} ms beside {len(slow)} readers "
                                f"of {len(whole)} bytes at 10 kB/s, who took {time.monotonic() - started:.1f} s")
    assert time.monotonic() - started > 2
    assert [answer and answer.body for answer in answers] == [whole] * len(slow)
    for connection in slow:
        connection.close()
    assert eventually(lambda: Regmon(node).count("http_answered") == len(slow) + 1)


def test_reader_that_never_reads(node, phones):
    """is dropped when its queue is full; nobody waits for it"""
    deaf = Connection(node, receive_buffer=4096)
    deaf.socket.setblocking(False)
    for _ in range(400):
        try:
            deaf.socket.send(request(LONG).encode())
        except (BlockingIOError, ConnectionResetError, BrokenPipeError):
            break
    phones(node).registers()
    assert Web(node).get("/regmon/api/summary").code == 200
    deaf.close()


def test_gone_before_the_answer(node):
    """no connection is opened to where it was"""
    for _ in range(30):
        connection = Connection(node)
        connection.send(request(LONG) * 3)
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    assert Web(node).get("/regmon/api/summary").code == 200


GARBAGE = [
    "GET /regmon/api/summary HTTP/1.1\r\n\r\n",  # no header at all: the core drops it
    "GET  /regmon HTTP/1.1\r\nHost: x\r\n\r\n", "GET /regmon/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /regmon/\x00\x01 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /regmon/api/list?=&&==&% HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /regmon/api/list?limit=99999999999999999999&cursor=-1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET http:///regmon HTTP/1.1\r\nHost: x\r\n\r\n", "GET /regmon/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /regmon HTTP/9.9\r\nHost: x\r\n\r\n", "GET /regmon HTTP/2.0\r\nHost: x\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /regmon\r\n\r\n", "\r\n\r\n\r\n", "GET /regmon/api/summary HTTP/1.1\nHost: x\n\n",
    "POST /regmon/api/decode HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    "POST /regmon/api/decode HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nx",
    "POST /regmon/api/decode HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST /regmon/api/decode HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nSIP/2\r\n0\r\n\r\n",
    "GET /regmon/" + "a" * 1990 + " HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /regmon/api/decode?text=" + "%0d" * 600 + " HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /regmon HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n" * 500 + "\r\n",
    "GET /regmon HTTP/1.1\r\nVia: 1.1 proxy\r\nFrom: <sip:\r\nCSeq: 1 GET\r\nTo: \r\n\r\n",
]


def test_garbage(node, phones):
    for text in GARBAGE:
        connection = Connection(node, timeout=0.3)
        connection.send(text.encode("latin-1"))
        try:
            answer = connection.answer()
            assert answer is None or answer.code in (200, 302, 400, 404, 405, 414), (text[:60], answer.code)
        except (TimeoutError, UnicodeDecodeError):
            pass  # waits for more, or is nobody's
        connection.close()
    phones(node).registers()
    assert Web(node).get("/regmon/api/summary").code == 200


def test_bytes_by_chance(node):
    """a request with some bytes changed, 300 times"""
    base = b"GET /regmon/api/list?state=failed&limit=3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    numbers = itertools.accumulate(itertools.repeat(1), lambda n, _: (n * 1103515245 + 12345) % 2 ** 31)
    next(numbers)
    for _ in range(300):
        text = bytearray(base)
        for _ in range(next(numbers) // 65536 % 3 + 1):
            text[next(numbers) // 65536 % len(text)] = next(numbers) // 65536 % 256
        connection = Connection(node, timeout=5)
        connection.send(bytes(text))
        connection.socket.shutdown(socket.SHUT_WR)
        while connection.more():
            pass
        connection.close()
    assert Web(node).get("/regmon/api/summary").code == 200


def test_too_long_addresses_and_bodies(node):
    connection = Connection(node)
    connection.send(request("/regmon/api/list?device=" + "a" * 2000))
    answer = connection.answer()
    assert answer.code == 414 and "1999" in answer.text
    connection.close()
    # longer than Kamailio's read buffer (tcp_rd_buf_size, 16 KiB): the core hangs up
    for target, body in (("/" + "a" * 20000, ""), ("/regmon/api/decode", "x" * 200000)):
        connection = Connection(node, timeout=5)
        try:
            connection.send(f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}")
            assert connection.answer() is None
        except (ConnectionResetError, BrokenPipeError):
            pass
        connection.close()
    assert Web(node).get("/regmon/api/summary").code == 200


def test_large_message_to_decode(node):
    """whole JSON all the same"""
    phone = Phone(node.port, "001010000000101")
    text = phone.message().replace(
        "User-Agent:", "".join(f"X-{i}: {'<>' * 40}\r\n" for i in range(100)) + "User-Agent:")
    phone.close()
    answer = Web(node).get("/regmon/api/decode", method="POST", body=text)
    assert answer.code == 200
    assert "more rows, for which one answer has no room" in answer.json()["more"] and "incomplete" not in answer.json()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends the SIP messages of a capture as HEP 3: pcap_to_hep.py FILE [HOST:PORT]

Reads pcap and pcapng; Ethernet, Linux cooked, raw IP and loopback links; VLAN tags; IPv4 with fragments, IPv6; UDP, TCP;
GTP-U; ESP with NULL encryption. What it cannot read is counted and said at the end."""
import collections
import ipaddress
import re
import socket
import struct
import sys
import time

HEP_PORT, GTP_PORT = 9060, 2152
TCP, UDP, ESP = 6, 17, 50
SIP_START = re.compile(rb"^(?:SIP/2\.0 \d{3}|[A-Z]{2,12} \S+ SIP/2\.0\r\n)")
ICV_BYTES = (12, 16)  # HMAC-MD5-96 and HMAC-SHA-1-96; HMAC-SHA-256-128

Packet = collections.namedtuple("Packet", "seconds link data")
Sip = collections.namedtuple("Sip", "seconds protocol source source_port target target_port text")


class Unreadable(Exception):
    pass


# ---- files ----

def packets_of(data):
    magic = data[:4]
    if magic == b"\x0a\x0d\x0d\x0a":
        return _pcapng(data)
    for order in "<>":
        for number, parts in ((0xA1B2C3D4, 1e6), (0xA1B23C4D, 1e9)):
            if magic == struct.pack(order + "I", number):
                return _pcap(data, order, parts)
    raise Unreadable("neither pcap nor pcapng")


def _pcap(data, order, parts):
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, kept, _ = struct.unpack_from(order + "IIII", data, at)
        yield Packet(seconds + fraction / parts, link, data[at + 16:at + 16 + kept])
        at += 16 + kept


def _pcapng(data):
    at, order, links, parts = 0, "<", [], []
    while at + 12 <= len(data):
        kind = struct.unpack_from(order + "I", data, at)[0]
        if kind == 0x0A0D0D0A:
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            links, parts = [], []
        length = struct.unpack_from(order + "I", data, at + 4)[0]
        if length < 12 or at + length > len(data):
            return
        body = data[at + 8:at + length - 4]
        if kind == 1:
            links.append(struct.unpack_from(order + "H", body)[0])
            parts.append(_resolution(body[8:], order))
        elif kind == 6:
            interface, high, low, kept = struct.unpack_from(order + "IIII", body)
            yield Packet((high << 32 | low) / parts[interface], links[interface], body[20:20 + kept])
        at += length


def _resolution(options, order):
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, at)
        if code == 9 and length:
            value = options[at + 4]
            return 2.0 ** (value & 0x7F) if value & 0x80 else 10.0 ** value
        at += 4 + (length + 3) // 4 * 4
    return 1e6


# ---- from link to transport ----

def _ip_of(packet):
    data, link = packet.data, packet.link
    if link == 1:
        at, kind = 14, struct.unpack_from("!H", data, 12)[0]
        while kind in (0x8100, 0x88A8):
            kind = struct.unpack_from("!H", data, at + 2)[0]
            at += 4
        return data[at:] if kind in (0x0800, 0x86DD) else b""
    if link == 113:
        return data[16:]
    if link == 276:
        return data[20:]
    if link in (0, 108):
        return data[4:]
    if link in (12, 14, 101, 228, 229):
        return data
    raise Unreadable(f"link type {link}")


class Reader:
    """Turns packets into SIP messages; keeps fragments and TCP streams meanwhile."""

    def __init__(self):
        self.fragments, self.streams = {}, {}
        self.seen = collections.OrderedDict()
        self.unreadable = collections.Counter()

    def messages_of(self, packet):
        try:
            yield from self._ip(packet.seconds, _ip_of(packet))
        except (struct.error, IndexError):
            self.unreadable["cut packet"] += 1
        except Unreadable as why:
            self.unreadable[str(why)] += 1

    def _ip(self, seconds, data):
        if not data:
            return
        if data[0] >> 4 == 4:
            header = (data[0] & 15) * 4
            total, identity, part = struct.unpack_from("!HHH", data, 2)
            protocol, ends = data[9], (data[12:16], data[16:20])
            payload = data[header:total or len(data)]
            if part & 0x3FFF:
                payload = self._defragment((ends, identity, protocol), part, payload)
        elif data[0] >> 4 == 6:
            protocol, ends, payload = data[6], (data[8:24], data[24:40]), data[40:]
            while protocol in (0, 43, 60):
                protocol, payload = payload[0], payload[8 + payload[1] * 8:]
            if protocol == 44:
                part, identity = struct.unpack_from("!HI", payload, 2)
                protocol, rest = payload[0], payload[8:]
                payload = self._defragment((ends, identity, protocol), (part & 1) << 13 | part >> 3, rest)
        else:
            return
        if payload:
            yield from self._transport(seconds, protocol, ends, payload)

    def _defragment(self, key, part, payload):
        parts = self.fragments.setdefault(key, {})
        parts[(part & 0x1FFF) * 8] = (payload, bool(part & 0x2000))
        whole, at = b"", 0
        while at in parts:
            piece, more = parts[at]
            whole += piece
            at += len(piece)
            if not more:
                del self.fragments[key]
                return whole
        return b""

    def _transport(self, seconds, protocol, ends, payload):
        if protocol == UDP:
            source, target = struct.unpack_from("!HH", payload)
            yield from self._udp(seconds, ends, source, target, payload[8:])
        elif protocol == TCP:
            yield from self._tcp(seconds, ends, payload)
        elif protocol == ESP:
            yield from self._esp(seconds, ends, payload)

    def _udp(self, seconds, ends, source, target, text):
        if GTP_PORT in (source, target) and len(text) > 8 and text[0] >> 5 == 1 and text[1] == 0xFF:
            at = 8
            if text[0] & 7:
                kind, at = text[11], 12
                while text[0] & 4 and kind:
                    at, kind = at + text[at] * 4, text[at + text[at] * 4 - 1]
            yield from self._ip(seconds, text[at:])
        elif SIP_START.match(text):
            yield from self._once(Sip(seconds, UDP, ends[0], source, ends[1], target, text))

    def _esp(self, seconds, ends, payload):
        """NULL encryption is guessed: behind SPI and sequence number stands what the trailer names."""
        for icv in ICV_BYTES:
            inner = payload[8:-icv]
            if len(inner) < 10:
                continue
            padding, protocol = inner[-2], inner[-1]
            inner = inner[:len(inner) - 2 - padding]
            if protocol == UDP and len(inner) >= 8 and struct.unpack_from("!H", inner, 4)[0] == len(inner):
                yield from self._transport(seconds, UDP, ends, inner)
                return
            if protocol == TCP and len(inner) >= 20 and 20 <= (inner[12] >> 4) * 4 <= len(inner):
                yield from self._transport(seconds, TCP, ends, inner)
                return
        self.unreadable["ESP that is encrypted"] += 1

    def _tcp(self, seconds, ends, payload):
        source, target, number = struct.unpack_from("!HHI", payload)
        data = payload[(payload[12] >> 4) * 4:]
        key = (ends, source, target)
        if not data:
            return
        stream = self.streams.get(key)
        if stream is None or SIP_START.match(data) and number != stream[0]:
            if not SIP_START.match(data):
                return
            stream = self.streams[key] = [number, b""]
        if number != stream[0]:  # repeated, or a piece is missing
            return
        stream[0] = (number + len(data)) & 0xFFFFFFFF
        stream[1] += data
        while True:
            head, end, rest = stream[1].partition(b"\r\n\r\n")
            if not end:
                return
            length = re.search(rb"^(?:Content-Length|l)[ \t]*:[ \t]*(\d+)", head, re.M | re.I)
            body = int(length.group(1)) if length else 0
            if len(rest) < body:
                return
            text, stream[1] = head + end + rest[:body], rest[body:]
            if SIP_START.match(text):
                yield from self._once(Sip(seconds, TCP, ends[0], source, ends[1], target, text))

    def _once(self, message):
        """One packet may be in a capture several times: on each interface, inside and outside of a tunnel."""
        key = message[1:]
        last = self.seen.get(key)
        self.seen[key] = message.seconds
        self.seen.move_to_end(key)
        while len(self.seen) > 1000:
            self.seen.popitem(last=False)
        if last is None or message.seconds - last > 0.1:
            yield message


# ---- HEP ----

def _chunk(kind, value):
    return struct.pack("!HHH", 0, kind, 6 + len(value)) + value


def hep(message):
    version6 = len(message.source) == 16
    micros = round(message.seconds * 1e6)
    chunks = b"".join([
        _chunk(1, bytes([10 if version6 else 2])), _chunk(2, bytes([message.protocol])),
        _chunk(5 if version6 else 3, message.source), _chunk(6 if version6 else 4, message.target),
        _chunk(7, struct.pack("!H", message.source_port)), _chunk(8, struct.pack("!H", message.target_port)),
        _chunk(9, struct.pack("!I", micros // 1000000)), _chunk(10, struct.pack("!I", micros % 1000000)),
        _chunk(11, b"\x01"), _chunk(12, struct.pack("!I", 1)), _chunk(15, message.text)])
    return b"HEP3" + struct.pack("!H", 6 + len(chunks)) + chunks


def send(path, host="127.0.0.1", port=HEP_PORT, pause=0.002):
    """The number of messages that were sent, and what could not be read."""
    reader, sent = Reader(), 0
    with open(path, "rb") as file:
        data = file.read()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for packet in packets_of(data):
            for message in reader.messages_of(packet):
                out.sendto(hep(message), (host, port))
                sent += 1
                time.sleep(pause)
    return sent, reader.unreadable


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit("usage: pcap_to_hep.py FILE [HOST:PORT]")
    host, _, port = (arguments + [f"127.0.0.1:{HEP_PORT}"])[1].rpartition(":")
    try:
        sent, unreadable = send(arguments[0], str(ipaddress.ip_address(host)), int(port))
    except (OSError, Unreadable, ValueError) as why:
        sys.exit(f"pcap_to_hep.py: {arguments[0]}: {why}")
    print(f"{sent} SIP messages sent to {host}:{port}")
    for what, count in unreadable.items():
        print(f"not read: {count} x {what}")


if __name__ == "__main__":
    main(sys.argv[1:])

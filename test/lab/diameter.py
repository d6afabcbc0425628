# SPDX-License-Identifier: GPL-2.0-or-later
"""Diameter messages (RFC 6733) with the AVPs of Cx (TS 29.229), as far as an HSS of a lab needs them."""
import struct

VENDOR_3GPP = 10415
CX = 16777216

# commands
CAPABILITIES_EXCHANGE, WATCHDOG, DISCONNECT_PEER = 257, 280, 282
USER_AUTHORIZATION, SERVER_ASSIGNMENT, LOCATION_INFO, MULTIMEDIA_AUTH = 300, 301, 302, 303
REGISTRATION_TERMINATION = 304
NAMES = {257: "CE", 280: "DW", 282: "DP", 300: "UA", 301: "SA", 302: "LI", 303: "MA", 304: "RT"}  # plus R or A

# base AVPs: code; those of Cx: code and vendor
USER_NAME, HOST_IP_ADDRESS, AUTH_APPLICATION_ID, VENDOR_SPECIFIC_APPLICATION_ID = 1, 257, 258, 260
SESSION_ID, ORIGIN_HOST, SUPPORTED_VENDOR_ID, VENDOR_ID, RESULT_CODE, PRODUCT_NAME = 263, 264, 265, 266, 268, 269
AUTH_SESSION_STATE, DESTINATION_REALM, DESTINATION_HOST, ORIGIN_REALM = 277, 283, 293, 296
EXPERIMENTAL_RESULT, EXPERIMENTAL_RESULT_CODE = 297, 298
VISITED_NETWORK, PUBLIC_IDENTITY, SERVER_NAME, USER_DATA, NUMBER_AUTH_ITEMS, AUTH_SCHEME = (
    (code, VENDOR_3GPP) for code in (600, 601, 602, 606, 607, 608))
AUTHENTICATE, AUTHORIZATION, AUTH_DATA_ITEM, ITEM_NUMBER, SERVER_ASSIGNMENT_TYPE = (
    (code, VENDOR_3GPP) for code in (609, 610, 612, 613, 614))
DEREGISTRATION_REASON, REASON_CODE, REASON_TEXT, CONFIDENTIALITY_KEY, INTEGRITY_KEY = (
    (code, VENDOR_3GPP) for code in (615, 616, 617, 625, 626))

# results
SUCCESS, COMMAND_UNSUPPORTED, UNABLE_TO_COMPLY = 2001, 3001, 5012
FIRST_REGISTRATION, SUBSEQUENT_REGISTRATION = 2001, 2002  # experimental, of Cx
USER_UNKNOWN, IDENTITIES_DONT_MATCH, ROAMING_NOT_ALLOWED = 5001, 5002, 5004  # experimental, of Cx

REQUEST, PROXIABLE = 0x80, 0x40


def avp(kind, value):
    """value: bytes, text, an unsigned number, or a list of AVPs for a grouped one"""
    code, vendor = kind if isinstance(kind, tuple) else (kind, 0)
    if isinstance(value, str):
        value = value.encode()
    elif isinstance(value, int):
        value = struct.pack("!I", value)
    elif isinstance(value, list):
        value = b"".join(value)
    head = struct.pack("!I", code) + bytes([0xC0 if vendor else 0x40])
    length = (12 if vendor else 8) + len(value)
    return (head + length.to_bytes(3, "big") + (struct.pack("!I", vendor) if vendor else b"") + value
            + bytes(-length % 4))


def _avps(data):
    """{kind: [value, ...]} of a run of AVPs; what is cut short ends it"""
    found, at = {}, 0
    while at + 8 <= len(data):
        code, flags = struct.unpack_from("!IB", data, at)
        length = int.from_bytes(data[at + 5:at + 8], "big")
        start = at + (12 if flags & 0x80 else 8)
        if length < start - at or at + length > len(data):
            break
        vendor = struct.unpack_from("!I", data, at + 8)[0] if flags & 0x80 else 0
        found.setdefault((code, vendor), []).append(data[start:at + length])
        at += length + -length % 4
    return found


class Message:
    def __init__(self, data):
        self.flags, self.command = data[4], int.from_bytes(data[5:8], "big")
        self.application, self.hop_by_hop, self.end_to_end = struct.unpack("!III", data[8:20])
        self.avps = _avps(data[20:])

    @property
    def is_request(self):
        return bool(self.flags & REQUEST)

    def all(self, kind):
        return [value.decode("utf-8", "replace") for value in
                self.avps.get(kind if isinstance(kind, tuple) else (kind, 0), [])]

    def text(self, kind):
        return (self.all(kind) or [""])[0]

    def number(self, kind, default=0):
        values = self.avps.get(kind if isinstance(kind, tuple) else (kind, 0))
        return struct.unpack("!I", values[0])[0] if values else default

    def inside(self, kind, wanted):
        """value of an AVP of a grouped one, b"" when there is none"""
        for group in self.avps.get(kind, []):
            for value in _avps(group).get(wanted, []):
                return value
        return b""

    def answer(self, avps):
        return encode(self.flags & PROXIABLE, self.command, self.application, self.hop_by_hop, self.end_to_end, avps)


def encode(flags, command, application, hop_by_hop, end_to_end, avps):
    body = b"".join(avps)
    return (b"\1" + (20 + len(body)).to_bytes(3, "big") + bytes([flags]) + command.to_bytes(3, "big")
            + struct.pack("!III", application, hop_by_hop, end_to_end) + body)


def read(connection):
    """The next message of a socket, None at its end."""
    data = b""
    while len(data) < 20 or len(data) < int.from_bytes(data[1:4], "big"):
        wanted = int.from_bytes(data[1:4], "big") if len(data) >= 20 else 20
        more = connection.recv(wanted - len(data))
        if not more:
            return None
        data += more
    return Message(data)

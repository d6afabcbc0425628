# SPDX-License-Identifier: GPL-2.0-or-later
"""An HSS for the lab: Cx over TCP with Milenage, for I-CSCF and S-CSCF.

    hss.py ADDRESS DOMAIN SCSCF_URI CONTROL SECRETS

knows every IMSI of 001010000000001 to 001010000000999 under DOMAIN, with the lab's key. Into the file SECRETS it
writes what no node may show, one NAME and hexadecimal digits a line. CONTROL is a UNIX
socket that takes one JSON object a line and answers with one:

    {"do": "state"}                                what it has been asked and answered, who is registered
    {"do": "change", "imsi": I, "NAME": VALUE}     attributes of class Subscriber: k, sqn, refuse, ...
    {"do": "terminate", "imsi": I, "reason": N}    sends a Registration-Termination-Request to the S-CSCF
"""
import itertools
import json
import os
import socket
import sys
import threading
from collections import Counter

import diameter
from aka import Milenage
from diameter import avp

# printable: what SIPp is given as hexadecimal digits it reads on into what lies behind them
K, OP = b"ims_regmon-lab-K", b"ims_regmon-labOP"
AMF = b"99"  # its separation bit is 0: 1 is for EPS (TS 33.102 Annex H)
SQN_STEP = 32  # 5 bits of IND below SEQ (TS 33.102 C.1.1.1)

# Server-Assignment-Type (TS 29.229 6.3.15)
REGISTRATION, RE_REGISTRATION, UNREGISTERED_USER = 1, 2, 3
TIMEOUT_DEREGISTRATION, USER_DEREGISTRATION, ADMINISTRATIVE_DEREGISTRATION, AUTHENTICATION_FAILURE = 4, 5, 8, 9
ENDS_REGISTRATION = {TIMEOUT_DEREGISTRATION, USER_DEREGISTRATION, 6, 7, ADMINISTRATIVE_DEREGISTRATION, 10, 11}


class Subscriber:
    """One IMPI with its implicit set of public identities, and what a test may have made of it."""

    def __init__(self, imsi, domain):
        self.imsi, self.impi = imsi, f"{imsi}@{domain}"
        self.impus = [f"sip:{imsi}@{domain}", f"sip:+49{imsi[-9:]}@{domain}", f"tel:+49{imsi[-9:]}"]
        self.milenage = Milenage(K, op=OP)
        self.sqn = 1000 * SQN_STEP
        self.ignores_auts = False
        self.refuse = 0  # the Experimental-Result-Code of the UAA, 0: none
        self.registered = False

    def change(self, **how):
        for name, value in how.items():
            if name == "k":
                self.milenage = Milenage(bytes.fromhex(value), op=OP)
            elif name in ("sqn", "ignores_auts", "refuse"):
                setattr(self, name, value)
            else:
                raise ValueError(f"a subscriber has no '{name}'")

    def resynchronise(self, rand, auts):
        """TS 33.102 6.3.5: the card's SQN is taken over when its MAC is right."""
        sqn = self.milenage.open_auts(rand, auts)
        if sqn is not None and not self.ignores_auts:
            self.sqn = int.from_bytes(sqn, "big")
        return sqn is not None

    def vector(self):
        self.sqn += SQN_STEP
        while True:
            rand = os.urandom(16)
            autn, vector = self.milenage.autn(rand, self.sqn.to_bytes(6, "big"), AMF)
            if 0 not in vector.res:  # SIPp reads RES as a C string; 3 of 100 would be cut
                return rand + autn, vector

    def profile(self):
        identities = "".join(f"<PublicIdentity><BarringIndication>0</BarringIndication><Identity>{impu}</Identity>"
                             "</PublicIdentity>" for impu in self.impus)
        return ('<?xml version="1.0" encoding="UTF-8"?><IMSSubscription>'
                f"<PrivateID>{self.impi}</PrivateID><ServiceProfile>{identities}</ServiceProfile></IMSSubscription>")


class Hss:
    def __init__(self, address, domain, scscf_uri, secrets):
        self.address, self.domain, self.scscf_uri, self.secrets = address, domain, scscf_uri, secrets
        self.host = f"hss.{domain}"
        self.subscribers = {}
        for number in range(1, 1000):
            subscriber = Subscriber(f"001010{number:09d}", domain)
            self.subscribers[subscriber.impi] = subscriber
        self.by_impu = {impu: s for s in self.subscribers.values() for impu in s.impus}
        self.peers = {}  # Origin-Host to socket
        self.counted = Counter()  # "UAA 2001", "MAR with auts", "SAR 1", ...
        self.lock = threading.Lock()
        self.serial = itertools.count(1)

    # -- Cx -------------------------------------------------------------------------------------------------

    def serve(self, connection):
        peer = None
        try:
            while (message := diameter.read(connection)) is not None:
                with self.lock:
                    if message.command == diameter.CAPABILITIES_EXCHANGE and message.is_request:
                        peer = message.text(diameter.ORIGIN_HOST)
                        self.peers[peer] = connection
                    answer = self.receive(message)
                    if answer:
                        connection.sendall(answer)
        except OSError:
            pass
        with self.lock:
            if self.peers.get(peer) is connection:
                del self.peers[peer]
        connection.close()

    def receive(self, message):
        name = diameter.NAMES.get(message.command, str(message.command))
        if not message.is_request:
            self.counted[f"{name}A {message.number(diameter.RESULT_CODE)}"] += 1
            return None
        handler = {
            diameter.CAPABILITIES_EXCHANGE: self.capabilities, diameter.WATCHDOG: self.alive,
            diameter.DISCONNECT_PEER: self.alive, diameter.USER_AUTHORIZATION: self.user_authorization,
            diameter.MULTIMEDIA_AUTH: self.multimedia_auth, diameter.SERVER_ASSIGNMENT: self.server_assignment,
            diameter.LOCATION_INFO: self.location_info,
        }.get(message.command)
        self.counted[f"{name}R"] += 1
        code, avps = handler(message) if handler else (diameter.COMMAND_UNSUPPORTED, [])
        self.counted[f"{name}A {abs(code)}"] += 1
        result = avp(diameter.RESULT_CODE, code) if code > 0 else avp(diameter.EXPERIMENTAL_RESULT, [
            avp(diameter.VENDOR_ID, diameter.VENDOR_3GPP), avp(diameter.EXPERIMENTAL_RESULT_CODE, -code)])
        session = message.text(diameter.SESSION_ID)
        head = [avp(diameter.SESSION_ID, session)] if session else []
        head += [avp(diameter.ORIGIN_HOST, self.host), avp(diameter.ORIGIN_REALM, self.domain), result]
        if message.application == diameter.CX:
            head += [avp(diameter.AUTH_SESSION_STATE, 1), self.application()]
        return message.answer(head + avps)

    @staticmethod
    def application():
        return avp(diameter.VENDOR_SPECIFIC_APPLICATION_ID, [
            avp(diameter.VENDOR_ID, diameter.VENDOR_3GPP), avp(diameter.AUTH_APPLICATION_ID, diameter.CX)])

    # each gives (result, AVPs); an Experimental-Result-Code is negative

    def capabilities(self, message):
        return diameter.SUCCESS, [
            avp(diameter.HOST_IP_ADDRESS, b"\0\1" + socket.inet_aton(self.address)),
            avp(diameter.VENDOR_ID, diameter.VENDOR_3GPP), avp(diameter.PRODUCT_NAME, "ims_regmon lab"),
            avp(diameter.SUPPORTED_VENDOR_ID, diameter.VENDOR_3GPP), self.application()]

    def alive(self, message):
        return diameter.SUCCESS, []

    def refusal(self, message):
        """Why this pair of identities is refused by UAA and MAA, 0: it is not."""
        subscriber = self.subscribers.get(message.text(diameter.USER_NAME))
        impu = message.text(diameter.PUBLIC_IDENTITY)
        if subscriber is None or impu not in self.by_impu:
            return diameter.USER_UNKNOWN
        if self.by_impu[impu] is not subscriber:
            return diameter.IDENTITIES_DONT_MATCH
        return subscriber.refuse

    def user_authorization(self, message):
        refusal = self.refusal(message)
        if refusal:
            return -refusal, []
        registered = self.subscribers[message.text(diameter.USER_NAME)].registered
        result = diameter.SUBSEQUENT_REGISTRATION if registered else diameter.FIRST_REGISTRATION
        return -result, [avp(diameter.SERVER_NAME, self.scscf_uri)]

    def multimedia_auth(self, message):
        refusal = self.refusal(message)
        if refusal:
            return -refusal, []
        subscriber = self.subscribers[message.text(diameter.USER_NAME)]
        resync = message.inside(diameter.AUTH_DATA_ITEM, diameter.AUTHORIZATION)  # RAND and AUTS
        if resync:
            self.counted["MAR with auts"] += 1
            if not subscriber.resynchronise(resync[:16], resync[16:]):
                self.counted["MAR with wrong auts"] += 1
        nonce, vector = subscriber.vector()
        for name, secret in (("OPc", subscriber.milenage.opc), ("RES", vector.res), ("CK", vector.ck), ("IK", vector.ik)):
            print(name, secret.hex(), file=self.secrets, flush=True)
        return diameter.SUCCESS, [
            avp(diameter.USER_NAME, subscriber.impi),
            avp(diameter.PUBLIC_IDENTITY, message.text(diameter.PUBLIC_IDENTITY)),
            avp(diameter.NUMBER_AUTH_ITEMS, 1),
            avp(diameter.AUTH_DATA_ITEM, [
                avp(diameter.ITEM_NUMBER, 1), avp(diameter.AUTH_SCHEME, "Digest-AKAv1-MD5"),
                avp(diameter.AUTHENTICATE, nonce), avp(diameter.AUTHORIZATION, vector.res),
                avp(diameter.CONFIDENTIALITY_KEY, vector.ck), avp(diameter.INTEGRITY_KEY, vector.ik)])]

    def server_assignment(self, message):
        subscriber = self.subscribers.get(message.text(diameter.USER_NAME))
        if subscriber is None:  # a de-registration may name the IMPU only
            subscriber = self.by_impu.get(message.text(diameter.PUBLIC_IDENTITY))
        if subscriber is None:
            return -diameter.USER_UNKNOWN, []
        kind = message.number(diameter.SERVER_ASSIGNMENT_TYPE)
        self.counted[f"SAR {kind}"] += 1
        if kind in ENDS_REGISTRATION:
            subscriber.registered = False
            return diameter.SUCCESS, []
        if kind in (REGISTRATION, RE_REGISTRATION):
            subscriber.registered = True
        return diameter.SUCCESS, [avp(diameter.USER_NAME, subscriber.impi),
                                  avp(diameter.USER_DATA, subscriber.profile())]

    def location_info(self, message):
        if message.text(diameter.PUBLIC_IDENTITY) not in self.by_impu:
            return -diameter.USER_UNKNOWN, []
        return diameter.SUCCESS, [avp(diameter.SERVER_NAME, self.scscf_uri)]

    def terminate(self, imsi, reason=0):
        """RTR (TS 29.228 6.1.3) to the S-CSCF. It names the IMPUs: Kamailio refuses one that does not."""
        subscriber = self.subscribers[f"{imsi}@{self.domain}"]
        host, connection = next((h, c) for h, c in self.peers.items() if h.startswith("scscf."))
        number = next(self.serial)
        connection.sendall(diameter.encode(
            diameter.REQUEST | diameter.PROXIABLE, diameter.REGISTRATION_TERMINATION, diameter.CX, number, number, [
                avp(diameter.SESSION_ID, f"{self.host};{os.getpid()};{number}"), self.application(),
                avp(diameter.AUTH_SESSION_STATE, 1), avp(diameter.ORIGIN_HOST, self.host),
                avp(diameter.ORIGIN_REALM, self.domain), avp(diameter.DESTINATION_HOST, host),
                avp(diameter.DESTINATION_REALM, self.domain), avp(diameter.USER_NAME, subscriber.impi),
                avp(diameter.DEREGISTRATION_REASON, [avp(diameter.REASON_CODE, reason),
                                                     avp(diameter.REASON_TEXT, "taken back by the lab")]),
                *(avp(diameter.PUBLIC_IDENTITY, impu) for impu in subscriber.impus)]))
        subscriber.registered = False

    # -- control --------------------------------------------------------------------------------------------

    def control(self, do, **how):
        with self.lock:
            if do == "change":
                self.subscribers[f"{how.pop('imsi')}@{self.domain}"].change(**how)
            elif do == "terminate":
                self.terminate(**how)
            elif do != "state":
                raise ValueError(f"no '{do}' here")
            return {"peers": sorted(self.peers), "counted": self.counted,
                    "registered": sorted(s.imsi for s in self.subscribers.values() if s.registered)}

    def serve_control(self, listener):
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rw") as lines:
                for line in lines:
                    try:
                        answer = self.control(**json.loads(line))
                    except (ValueError, TypeError, KeyError, StopIteration, OSError) as error:
                        answer = {"error": f"{type(error).__name__}: {error}"}
                    lines.write(json.dumps(answer) + "\n")
                    lines.flush()


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    address, domain, scscf_uri, control, secrets = sys.argv[1:]
    hss = Hss(address, domain, scscf_uri, open(secrets, "a"))
    listener = socket.create_server((address, 3868), backlog=8)
    with socket.socket(socket.AF_UNIX) as controller:
        controller.bind(control)
        controller.listen()
        threading.Thread(target=hss.serve_control, args=(controller,), daemon=True).start()
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=hss.serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()

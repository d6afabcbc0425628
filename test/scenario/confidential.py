# SPDX-License-Identifier: GPL-2.0-or-later
"""What must not be seen anywhere: nonces, responses, auts, ck and ik of the messages that tests send, keys of cards,
privacy keys. Whoever sends learns, whoever reads an answer or a log checks, so that every test is a test of this, too."""
import re

PIECE = 16  # so many characters of a secret in a row give it away
_PARAMETER = re.compile(r'\b(nonce|nextnonce|response|auts|ck|ik)\s*=\s*"?([^",;\s]+)', re.IGNORECASE)
_LINE = re.compile(r"^(?:Authorization|WWW-Authenticate|Authentication-Info|Proxy-Auth\w+)[ \t]*:(.*)$",
                   re.IGNORECASE | re.MULTILINE)
_LONG = re.compile(r"[0-9a-z+/=_.-]{%d,}" % PIECE)


class SecretShown(AssertionError):
    pass


class Secrets:
    def __init__(self):
        self.known, self.pieces, self.whole = {}, {}, {}
        self.shown = []  # also where a test has caught the exception

    def know(self, name, value):
        """A secret as text, or as bytes: then in hexadecimal digits."""
        value = (value.hex() if isinstance(value, bytes) else value).lower()
        if value in self.known or len(value) < 8 or len(set(value)) == 1:  # fillings of tests are no secrets
            return
        self.known[value] = name
        if not _LONG.fullmatch(value):  # too short for pieces, or of several words
            self.whole[value] = name
        for start in range(len(value) - PIECE + 1):
            piece = value[start:start + PIECE]
            if len(set(piece)) > 1:
                self.pieces[piece] = name

    def learn(self, message):
        """The secrets of a SIP message."""
        text = message.decode("latin-1") if isinstance(message, bytes) else message
        for line in _LINE.findall(text):
            for name, value in _PARAMETER.findall(line):
                self.know(name.lower(), value)

    def found_in(self, text):
        """Names and pieces of the secrets that stand in a text."""
        text = (text.decode("latin-1") if isinstance(text, bytes) else text).lower().replace("\\", "")
        found = [(name, value) for value, name in self.whole.items() if value in text]
        for word in _LONG.findall(text) if self.pieces else ():
            for start in range(len(word) - PIECE + 1):
                name = self.pieces.get(word[start:start + PIECE])
                if name:
                    found.append((name, word[start:start + PIECE]))
                    break
        return found

    def check(self, where, text):
        """The text, when there is no secret in it."""
        found = self.found_in(text)
        if found:
            # the piece itself is not repeated
            self.shown.append(f"{where} shows {', '.join(sorted({name for name, _ in found}))}")
            raise SecretShown(self.shown[-1])
        return text


SECRETS = Secrets()

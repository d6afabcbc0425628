# SPDX-License-Identifier: GPL-2.0-or-later
"""What must not be seen anywhere: nonces, responses, auts, ck and ik of the messages that tests send, keys of cards and
what is made of them, privacy keys. Whoever sends or receives SIP lets it learn, whoever reads an answer, a log or a
record lets it check. At the end of the run all that was read meets all that was learned, so that it does not matter
which came first."""
import base64
import binascii
import collections
import functools
import os
import re

import pytest

PIECE = 16  # so many characters of a secret in a row give it away
SHORTEST = 8  # a secret with less would be found by chance
_PARAMETER = re.compile(r'\b(nonce|nextnonce|response|auts|ck|ik)\s*=\s*"?([^",;\s]+)', re.IGNORECASE)
_LINE = re.compile(r"^(?:Authorization|WWW-Authenticate|Authentication-Info|Proxy-Auth\w+)[ \t]*:(.*)$",
                   re.IGNORECASE | re.MULTILINE)
_KEY = re.compile(r"\b(k|op|opc)=([0-9a-f]+)", re.IGNORECASE)
_WORD = re.compile(r"[0-9a-z+/=_.-]{%d,}" % SHORTEST)


@functools.cache
def _examples():
    """What the module itself shows as an example is no secret, also where a corpus has some of it."""
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "doc", "messages.md"), encoding="utf-8") as file:
        return " ".join(value.lower() for line in _LINE.findall(file.read()) for _, value in _PARAMETER.findall(line))


class SecretShown(AssertionError):
    pass


def _folded(text):
    """as it is compared: JSON may write / with a backslash"""
    return (text.decode("latin-1") if isinstance(text, bytes) else text).lower().replace("\\", "")


class Secrets:
    def __init__(self):
        self.known, self.pieces, self.whole = {}, {}, {}
        self.unread = collections.deque()  # messages to learn from: whoever sends thousands has no time for it
        self.words = {}  # of all that was read, with the place where each was read first
        self.characters = 0
        self.shown = []  # also where a test has caught the exception

    # -- what is secret ---------------------------------------------------------------------------------------

    def know(self, name, value):
        """A secret as text, or as bytes: then in hexadecimal digits, in base64, and as it is if it is a text."""
        if isinstance(value, bytes):
            self.know(name, value.hex())
            self.know(name, base64.b64encode(value).decode().rstrip("="))
            if value.isascii() and value.decode("ascii").isprintable():
                self.know(name, value.decode("ascii"))
            return
        value = value.lower()
        if value in self.known or len(value) < SHORTEST or len(set(value)) == 1:  # fillings of tests are no secrets
            return
        self.known[value] = name
        if len(value) < PIECE or not _WORD.fullmatch(value):
            self.whole[value] = name
        for start in range(len(value) - PIECE + 1):
            piece = value[start:start + PIECE]
            if len(set(piece)) > 1 and piece not in _examples():
                self.pieces[piece] = name

    def learn(self, message):
        """The secrets of a SIP message, or of a file of them; read when somebody looks for them."""
        self.unread.append(message)

    def _read(self):
        while self.unread:
            self._read_message(self.unread.popleft())

    def _read_message(self, message):
        text = message.decode("latin-1") if isinstance(message, bytes) else message
        for line in _LINE.findall(text):
            for name, value in _PARAMETER.findall(line):
                name = name.lower()
                self.know(name, value)
                if name in ("nonce", "auts"):
                    try:
                        self.know(name, base64.b64decode(value, validate=True).hex())
                    except (ValueError, binascii.Error):
                        pass

    def learn_keys(self, text):
        """The keys of a file as aka_keys names one."""
        for name, value in _KEY.findall(text):
            self.know({"k": "K", "op": "OP", "opc": "OPc"}[name.lower()], value)

    # -- what is shown ----------------------------------------------------------------------------------------

    def _of_word(self, word):
        """Name of the secret that a word has a piece of."""
        for start in range(len(word) - PIECE + 1):
            name = self.pieces.get(word[start:start + PIECE])
            if name:
                return name
        return None

    def found_in(self, text):
        """Names of the secrets that stand in a text."""
        self._read()
        text = _folded(text)
        found = {name for value, name in self.whole.items() if value in text}
        found |= {self._of_word(word) for word in set(_WORD.findall(text)) if len(word) >= PIECE}
        return found - {None}

    def check(self, where, text):
        """The text, when there is no secret in it."""
        folded = _folded(text)
        self.characters += len(folded)
        for word in set(_WORD.findall(folded)):
            self.words.setdefault(word, where)
        found = self.found_in(folded)
        if found:
            self.shown.append(f"{where} shows {', '.join(sorted(found))}")  # never the secret itself
            raise SecretShown(self.shown[-1])
        return text

    def found_late(self):
        """What was read before anybody knew that it was a secret: one sentence for each place."""
        self._read()
        found = {}
        for word, where in self.words.items():
            name = self._of_word(word)
            if name:
                found.setdefault(where, set()).add(name)
        together = "\n".join(self.words)
        for value, name in self.whole.items():
            if value in together:
                where = next(where for word, where in self.words.items() if value in word)
                found.setdefault(where, set()).add(name)
        return [f"{where} shows {', '.join(sorted(names))}" for where, names in sorted(found.items())]

    def summary(self):
        kinds = sorted(set(self.known.values()))
        return (f"secrets: {len(self.known)} ({', '.join(kinds)}) looked for in {self.characters / 1e6:.1f} million "
                f"characters, {len(self.words)} different words")


SECRETS = Secrets()


# -- what conftest.py takes over; test/lab does, too ---------------------------------------------------------------

@pytest.fixture(autouse=True)
def no_secret_is_shown():
    """Whatever a test has read, also where it did not look at it."""
    yield
    shown, SECRETS.shown[:] = list(SECRETS.shown), []
    assert not shown, "\n".join(shown)


@pytest.fixture(scope="session", autouse=True)
def no_secret_was_shown():
    """Of the whole run."""
    yield
    found = SECRETS.found_late()
    assert not found, "\n".join(found)


def pytest_terminal_summary(terminalreporter):
    if SECRETS.characters:
        terminalreporter.write_line(SECRETS.summary())

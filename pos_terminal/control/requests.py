"""A request: one JSON object on a line, flat, but for one list of texts.

Read step by step and not by ``json.loads``: what is built is bounded by the line, never by what
somebody nests in it, and other threads have their turn between two texts.
"""

from __future__ import annotations

import re
from json import JSONDecoder
from typing import Any, Final

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_PLAIN: Final = re.compile(
    r"(-?(?:0|[1-9][0-9]{0,17})(?![0-9]))(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?|[a-z]{4,5}"
)
_WORDS: Final = {"true": True, "false": False, "null": None}
_DECODER: Final = JSONDecoder()
_MOST_OPTIONS: Final = 32
_NO_OBJECT: Final = "not a JSON object on one line"


class BadRequest(Exception):
    """The request is not of the verb's form; the text says what is."""


def parse(line: bytes, most_texts: int) -> dict[str, Any]:
    """Options by name: texts, numbers, booleans, null, or a list of at most ``most_texts`` texts.

    Half a surrogate pair is kept, as ``json.loads`` keeps it. BadRequest.
    """
    try:
        text = line.decode("utf-8", "surrogatepass")
        return _Reader(text, most_texts).whole()
    except (ValueError, IndexError):
        raise BadRequest(_NO_OBJECT) from None


class _Reader:
    """Raises ValueError or IndexError where the text is no such object."""

    def __init__(self, text: str, most_texts: int) -> None:
        self._text = text
        self._at = 0
        self._most_texts = most_texts

    def whole(self) -> dict[str, Any]:
        found = self._object()
        if self._peek() != "":
            raise ValueError
        return found

    def _peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        blanks = _SPACE.match(self._text, self._at)
        self._at = self._at if blanks is None else blanks.end()
        return self._text[self._at : self._at + 1]

    def _take(self, wanted: str) -> bool:
        """Whether it came, and is behind us."""
        if self._peek() != wanted:
            return False
        self._at += 1
        return True

    def _need(self, wanted: str) -> None:
        if not self._take(wanted):
            raise ValueError

    def _object(self) -> dict[str, Any]:
        if not self._take("{"):
            raise BadRequest("a request is a JSON object with a verb")
        found: dict[str, Any] = {}
        if self._take("}"):
            return found
        for _ in range(_MOST_OPTIONS):
            name = self._string()
            self._need(":")
            found[name] = self._value()
            if not self._take(","):
                self._need("}")
                return found
        raise BadRequest(f"a request has at most {_MOST_OPTIONS} options")

    def _string(self) -> str:
        if self._peek() != '"':
            raise ValueError
        text: str
        text, self._at = _DECODER.raw_decode(self._text, self._at)
        return text

    def _value(self) -> Any:
        match self._peek():
            case '"':
                return self._string()
            case "[":
                return self._texts()
            case "{":
                raise BadRequest("an option is a text, a number, a boolean or a list of texts")
        found = _PLAIN.match(self._text, self._at)
        if found is None:
            raise ValueError
        self._at = found.end()
        whole, fraction, exponent = found.groups()
        if whole is None:
            if found[0] not in _WORDS:
                raise ValueError
            return _WORDS[found[0]]
        return int(whole) if fraction is exponent is None else float(found[0])

    def _texts(self) -> list[str]:
        self._need("[")
        found: list[str] = []
        if self._take("]"):
            return found
        while len(found) < self._most_texts:
            if self._peek() != '"':
                raise BadRequest("a list has nothing but texts")
            found.append(self._string())
            if not self._take(","):
                self._need("]")
                return found
        raise BadRequest(f"a list has at most {self._most_texts} texts")

"""What is wrong with a file."""

from __future__ import annotations

from msgspec import Struct

from pos_terminal.core.words import Words
from pos_terminal.wire.feed.bad import BadLine


class Problem(Struct, frozen=True):
    """A line that can't be taken, and why. Never repeats what may be a card number."""

    line: int
    """Counted from 1; 0 for the file as a whole."""
    reason: str = ""
    """Where it has no words in both languages."""
    words: Words | None = None
    code: str = ""
    """For programs; it never changes."""
    sale_id: str = ""
    """The till's, as far as the line could be read."""
    more: tuple[Words, ...] = ()
    """What is wrong with it besides."""

    @classmethod
    def of(cls, line: int, why: BadLine, sale_id: str = "") -> Problem:
        """With the words of what is wrong."""
        more = tuple(one.words for one in why.also)
        return cls(line, words=why.words, code=why.code, sale_id=sale_id, more=more)

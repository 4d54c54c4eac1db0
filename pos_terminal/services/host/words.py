"""The next step of a text, where it has one."""

from __future__ import annotations

from pos_terminal.core.words import Words, say
from pos_terminal.texts import known


def next_step(words: Words) -> Words | None:
    """The text ``<key>_next``, where there is one."""
    return text(f"{words.key}_next", words)


def text(key: str, like: Words | None = None) -> Words | None:
    """The text ``key`` with the values of another one, where there is such a text."""
    values = {} if like is None else like.values
    return say(key, **values) if known(key) else None

"""What is said to people, by key: the texts themselves are data, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

Value = str | int


class Words(Struct, frozen=True):
    """A text by its key (``area.name`` in ``texts/area.toml``) and the figures in it."""

    key: str
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))


def say(key: str, /, **values: Value) -> Words:
    """The text ``key`` with its figures filled in later, in the reader's language."""
    return Words(key, MappingProxyType(values))


class Failure(Exception):
    """Something went wrong that a person must be told of, and told what to do.

    ``words`` is the text for the person at the keypad; the same key has a ``tech`` line: what
    happened, the likely cause, the next step. Never carries card data or secrets.
    """

    def __init__(self, key: str, /, **values: Value) -> None:
        super().__init__(f"{key} {dict(values)}" if values else key)
        self.words = say(key, **values)

    @classmethod
    def of(cls, words: Words) -> Failure:
        """The failure that these words tell of."""
        return cls(words.key, **words.values)

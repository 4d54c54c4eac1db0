"""What is said to people, by code: the texts themselves are data, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NewType

from msgspec import Struct, field

Value = str | int
FailureCode = NewType("FailureCode", str)
"""``area.name``: what went wrong, for programs. Its text may have another name."""


class Words(Struct, frozen=True):
    """What is said, by a code of its own, and the figures in it.

    The code is for programs: it is stored, sent and compared. Which text says it is known in
    ``texts`` alone (``texts.key_of``).
    """

    code: str
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))


def say(code: str, /, **values: Value) -> Words:
    """What has this code, its figures filled in later, in the reader's language."""
    return Words(code, MappingProxyType(values))


class Failure(Exception):
    """Something went wrong that a person must be told of, and told what to do.

    ``code`` (``area.name``) says what, for programs. ``words`` is for the person at the keypad;
    their text has a ``tech`` line: what happened, the likely cause, the next step. Never carries
    card data or secrets.
    """

    def __init__(self, code: str, /, **values: Value) -> None:
        super().__init__(f"{code} {dict(values)}" if values else code)
        self.words = say(code, **values)

    @classmethod
    def of(cls, words: Words) -> Failure:
        """The failure that these words tell of."""
        return cls(words.code, **words.values)

    @property
    def code(self) -> FailureCode:
        return FailureCode(self.words.code)


class ConfigFailure(Failure):
    """A setting is wrong, or there are none: nothing was begun. An ``option`` such as
    ``printer.port`` is told as it stands in the file: ``[printer] port``."""

    def __init__(self, code: str, /, **values: Value) -> None:
        section, _, option = str(values.get("option", "")).rpartition(".")
        place = f"[{section}] {option}" if section else f"[{option}]"
        super().__init__(code, **({**values, "place": place} if option else values))


class UsageFailure(Failure):
    """It can't be asked so: nothing was begun."""


class FileFailure(Failure):
    """A file that people bring can't be taken in, or not as it is: trying again won't help."""


class VoucherFailure(Failure):
    """No voucher has this number, or it can't be used so."""

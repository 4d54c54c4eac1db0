"""Who may use the terminal, and what makes a PIN acceptable (R22, R25)."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Final

from msgspec import Struct

from pos_terminal.core.badge import Badge

PIN_MIN: Final = 4
PIN_MAX: Final = 12


class Role(StrEnum):
    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    TECHNICIAN = "technician"


class Person(Struct, frozen=True):
    number: str
    """1 to 6 digits, as typed at login."""
    name: str
    role: Role
    must_change: bool = False
    """The PIN was set by somebody else, or is older than 90 days."""


Who = str | Badge
"""How a person says who it is: the number that was typed, or the badge that was scanned."""


class LockedOut(Struct, frozen=True):
    """What a person is told at the next log-in: somebody tried their PIN."""

    wrong: int
    """Wrong PINs since they last logged in."""
    locked: bool
    """Whether that locked the number."""
    unlocked_by: tuple[str, ...] = ()
    """Numbers of the two who ended the lock; empty where its time ran out."""


def pin_is_trivial(pin: str, number: str) -> bool:
    """Whether the PIN is one that anybody tries first: equal or running digits, the number."""
    if len(set(pin)) <= 2:
        return True
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if steps in ({1}, {9}):
        return True
    if len(pin) % 2 == 0 and pin[: len(pin) // 2] == pin[len(pin) // 2 :]:
        return True
    return pin in (number, number[::-1]) or pin.lstrip("0") == number.lstrip("0")

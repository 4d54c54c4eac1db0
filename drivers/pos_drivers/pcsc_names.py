"""Which of the readers that are there are those that the configuration names. Pure.

pcsc-lite names a reader ``MODEL [INTERFACE] (SERIAL) 00 00`` (hotplug_libudev.c, readerfactory.c):
interface and serial number where the reader tells them, then in hex its place among those that
were plugged in, and the slot. The place may be another one after each start.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from msgspec import Struct

from pos_terminal.core.words import Words, say

_NAME: Final = re.compile(
    r"(?P<model>.*?)(?: \((?P<serial>[^()]*)\))? [0-9A-F]{2} (?P<slot>[0-9A-F]{2})"
)


class _Parts(Struct, frozen=True):
    """What stays of a name whatever the place. A name of another form is all model."""

    model: str
    serial: str
    slot: str


def _parts(name: str) -> _Parts:
    found = _NAME.fullmatch(name)
    return (
        _Parts(found["model"], found["serial"] or "", found["slot"])
        if found
        else _Parts(name, "", "")
    )


def alike(name: str, others: Collection[str]) -> list[str]:
    """Those of ``others`` that differ from ``name`` in the place at most."""
    return [other for other in others if _parts(other) == _parts(name)]


def bind(wanted: Collection[str], found: Sequence[str]) -> dict[str, str]:
    """By each wanted name the one that its reader has now, where there is no doubt."""
    return {name: now for name in wanted for now in _meant(name, wanted, found)}


def _meant(name: str, wanted: Collection[str], found: Sequence[str]) -> Iterator[str]:
    if name in found:
        yield name
    elif len(alike(name, set(wanted))) == 1 and len(candidates := alike(name, found)) == 1:
        yield candidates[0]


def why_not(name: str, found: Sequence[str]) -> Words:
    """Why no reader is bound by ``name``: it is away, was exchanged, or has a twin."""
    listed = ", ".join(found) or "-"
    if alike(name, found):
        return say("card.reader_twins", reader=name, found=listed)
    own = _parts(name)
    for now in found:
        other = _parts(now)
        if (other.model, other.slot) == (own.model, own.slot):
            before, serial = own.serial or "-", other.serial or "-"
            return say(
                "card.reader_swapped",
                reader=name,
                now=now,
                before=before,
                serial=serial,
            )
    return say("card.reader_missing", reader=name, found=listed)

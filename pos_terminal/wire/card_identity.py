"""From what a card gave to whose card it is: PAN, expiry, sequence number, PAR."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeVar

from msgspec import Struct

from pos_terminal.core.pan import Pan
from pos_terminal.core.words import Failure
from pos_terminal.wire import aid as aids
from pos_terminal.wire import tlv
from pos_terminal.wire.tlv import Tlv
from pos_terminal.wire.track2 import Track2, expiry_or_none, parse_pan, parse_track2

T = TypeVar("T")

_PAR: Final = re.compile(rb"[0-9A-Z]{29}")


class Identity(Struct, frozen=True):
    """What identifies a card, as far as it said so."""

    pan: Pan
    expiry: str | None
    sequence: str | None
    par: str | None


def identity(objects: Sequence[Tlv], aid: bytes) -> Identity | None:
    """None while the number is not among ``objects``. Failure ``card.disagree``, ``.unreadable``.

    5A, else 57, else (Mastercard) 9F6B; wherever several give a number they must agree.
    """
    tracks = _tracks(objects, aid)
    numbers = [_sure(parse_pan(value), "5A") for value in tlv.every(objects, "5A")]
    numbers += [track.pan for track in tracks]
    if not numbers:
        return None
    if any(number != numbers[0] for number in numbers):
        raise Failure("card.disagree")
    return Identity(numbers[0], _expiry(objects, tracks), _sequence(objects), _par(objects))


def _tracks(objects: Sequence[Tlv], aid: bytes) -> list[Track2]:
    tracks = [_sure(parse_track2(value), "57") for value in tlv.every(objects, "57")]
    if aids.has_track2_in_9f6b(aid) and not tracks:
        tracks = [_sure(parse_track2(value), "9F6B") for value in tlv.every(objects, "9F6B")]
    return tracks


def _sure(value: T | None, tag: str) -> T:
    if value is None:
        raise Failure("card.unreadable", cause=f"tag {tag} holds no card number")
    return value


def _expiry(objects: Sequence[Tlv], tracks: list[Track2]) -> str | None:
    for value in tlv.every(objects, "5F24"):
        expiry = expiry_or_none(value.hex())
        if len(value) == 3 and expiry:
            return expiry
    return next((track.expiry for track in tracks if track.expiry), None)


def _sequence(objects: Sequence[Tlv]) -> str | None:
    for value in tlv.every(objects, "5F34"):
        digits = value.hex()
        if len(value) == 1 and digits.isdigit():
            return digits.zfill(3)
    return None


def _par(objects: Sequence[Tlv]) -> str | None:
    for value in tlv.every(objects, "9F24"):
        if _PAR.fullmatch(value):
            return value.decode("ascii")
    return None

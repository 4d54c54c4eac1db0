"""Card numbers in binary-coded decimals: tag 5A, and track 2 in 57 and 9F6B (ISO/IEC 7813)."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from pos_terminal.core.pan import Pan

_PAN: Final = re.compile(r"([0-9]{12,19})F*")
_TRACK2: Final = re.compile(r"([0-9]{12,19})D([0-9]{4})?[0-9A-F]*")


class Track2(Struct, frozen=True):
    """Number and expiry; the rest of the track is dropped where it is read (R54)."""

    pan: Pan
    expiry: str | None
    """YYMM."""


def parse_pan(value: bytes) -> Pan | None:
    """Tag 5A: digits, filled up with F. None where it is anything else; never shortened."""
    found = _PAN.fullmatch(value.hex().upper())
    return Pan(found[1]) if found else None


def parse_track2(value: bytes) -> Track2 | None:
    """Track 2 equivalent data: number, ``D``, YYMM; what the issuer has behind them may be
    anything, as it is dropped here."""
    found = _TRACK2.fullmatch(value.hex().upper())
    if not found:
        return None
    return Track2(Pan(found[1]), expiry_or_none(found[2] or ""))


def expiry_or_none(text: str) -> str | None:
    """YYMM from YYMM or YYMMDD; None where there is no such month."""
    return text[:4] if re.fullmatch(r"[0-9]{2}(0[1-9]|1[0-2])([0-9]{2})?", text) else None

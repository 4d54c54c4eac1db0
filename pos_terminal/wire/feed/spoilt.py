"""Numbers that a spreadsheet has spoilt: ``1.23E+11``, and those that lost their zeros in front."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pos_terminal.wire.feed.bad import BadLine

DIGITS: Final[Mapping[str, int]] = {
    "merchant_id": 15,
    "terminal_id": 8,
    "rrn": 12,
    "currency": 3,
    "tender.terminal_id": 8,
    "tender.rrn": 12,
}
"""Fields of a compulsory length; without zeros in front another number stands there."""
_POWER: Final = re.compile(r"\d([.,]\d+)?[Ee]\+\d{2,3}")


_CODES: Final = frozenset({"auth_code", "tender.auth_code"})


def check(cells: Mapping[str, str], *, code: int = 0) -> None:
    """BadLine names the first cell that a spreadsheet has spoilt. ``code``: the fewest characters
    of an authorisation code of the acquirer's; 0: any."""
    for name, text in cells.items():
        if "+" in text and _POWER.fullmatch(text):
            raise BadLine("spreadsheet_rounded", field=name, value=text)
        length = code if name in _CODES else DIGITS.get(name)
        if length and 0 < len(text) < length and text.isascii() and text.isdigit():
            raise BadLine("spreadsheet_zeros", field=name, value=text, wanted=length)

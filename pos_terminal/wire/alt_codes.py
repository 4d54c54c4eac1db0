"""A character as Alt and its decimal number, as scanners type what a layout has no key for.

NumLock, Alt down, the number on the numeric block, Alt up. Up to 127 all programs agree; beyond,
it depends on what the scanner takes the number for.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class AltCodes(StrEnum):
    """What a number above 127 stands for."""

    WINDOWS = "windows"
    """Code page 1252 with a leading zero, 437 without one, as Windows takes it."""
    GBK = "gbk"
    UNICODE = "unicode"
    NONE = "none"
    """Alt codes are no part of a code: it is dropped."""


BLOCK_DIGITS: Final = {
    code: str(digit)
    for digit, code in enumerate((82, 79, 80, 81, 75, 76, 77, 71, 72, 73))  # KEY_KP0 …
}
MOST_DIGITS: Final = 6
"""Five, and a leading zero."""
_ASCII: Final = 128


def character(digits: str, codes: AltCodes) -> str | None:
    """What the number stands for; None for nothing."""
    number = int(digits)
    if codes is AltCodes.NONE or not number > 0 or len(digits) > MOST_DIGITS:
        return None
    if number < _ASCII:
        return chr(number)
    try:
        return _beyond_ascii(digits, number, codes)
    except (UnicodeDecodeError, OverflowError, ValueError):
        return None


def _beyond_ascii(digits: str, number: int, codes: AltCodes) -> str:
    """UnicodeDecodeError, OverflowError or ValueError where it stands for nothing."""
    match codes:
        case AltCodes.UNICODE:
            # as bytes, so that half of a surrogate pair is an error
            return number.to_bytes(4, "big").decode("utf-32-be")
        case AltCodes.GBK:
            return number.to_bytes(2, "big").decode("gbk")
        case _:
            page = "cp1252" if digits[0] == "0" else "cp437"
            return bytes((number,)).decode(page)

"""The characters of a serial line: eight bits, or seven with a parity bit.

7E1 and 7O1 take as long on the wire as 8N1, so a port that is opened for 8N1 sees the parity as
the top bit: it is looked at here, and a pty can have it, too.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Frame(StrEnum):
    EIGHT_NONE = "8N1"
    SEVEN_EVEN = "7E1"
    SEVEN_ODD = "7O1"


_TOP: Final = 0x80
_LEAST: Final = 4
"""Bytes that tell a parity: of fewer it may be chance."""


def plain(byte: int, frame: Frame) -> int:
    """The character, without its parity bit."""
    return byte if frame is Frame.EIGHT_NONE else byte & ~_TOP


def sound(line: bytes, frame: Frame) -> bool:
    """Whether each byte has the parity of the frame."""
    match frame:
        case Frame.EIGHT_NONE:
            return True
        case Frame.SEVEN_EVEN:
            return all(byte.bit_count() % 2 == 0 for byte in line)
        case Frame.SEVEN_ODD:
            return all(byte.bit_count() % 2 == 1 for byte in line)


def meant(line: bytes, frame: Frame) -> Frame | None:
    """The other frame that the sender is evidently set to; None where none is evident."""
    text = bytes(byte & ~_TOP for byte in line).strip(b"\r\n\t\x02\x03\x00 ")
    if len(line) < _LEAST or not text.decode("ascii").isprintable():
        return None
    topped = any(byte & _TOP for byte in line)
    if not topped:
        # all of it is plain ASCII: where that has the wrong parity, none is sent
        return None if frame is Frame.EIGHT_NONE or sound(line, frame) else Frame.EIGHT_NONE
    others = (one for one in (Frame.SEVEN_EVEN, Frame.SEVEN_ODD) if one is not frame)
    return next((one for one in others if sound(line, one)), None)

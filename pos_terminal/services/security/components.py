"""Keys that come in two components, each known to one person only (R56a).

The key is the exclusive-or of its components. The check value (KCV), which is no secret, tells
each of them that theirs was typed right, and both that the key is the acquirer's.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.wire.iso8583.mac import check_value
from pos_terminal.wire.iso8583.weak_keys import has_weak_part

DES_LENGTHS: Final = (16, 24)
_PART: Final = 8


def parse_component(text: str, lengths: tuple[int, ...] = DES_LENGTHS) -> bytes:
    """A component in hex as it is typed off a sheet: blanks between groups are left out.

    Failure ``provision.component`` where it is no hex, or of another length; never shows it.
    """
    digits = "".join(text.split())
    try:
        component = bytes.fromhex(digits)
    except ValueError:
        component = b""
    if len(component) not in lengths:
        allowed = " or ".join(str(length * 2) for length in lengths)
        raise Failure("provision.component", allowed=allowed, given=len(digits))
    return component


def combine(first: bytes, second: bytes) -> bytes:
    """The key of two components. Failure ``provision.lengths`` where they don't fit together."""
    if len(first) != len(second):
        raise Failure("provision.lengths", first=len(first), second=len(second))
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def combine_des(first: bytes, second: bytes) -> bytes:
    """As ``combine`` for a 3DES key. Failure ``provision.weak`` where it would be single DES, or
    has a weak part."""
    key = combine(first, second)
    if not any(first) or not any(second) or is_weak(key) or has_weak_part(key):
        raise Failure("provision.weak")
    return key


def is_weak(key: bytes) -> bool:
    """Whether a double or triple-length DES key falls back to single DES: neighbouring parts are
    equal but for the parity bits, which DES leaves out."""
    parts = [
        bytes(byte & 0xFE for byte in key[at : at + _PART]) for at in range(0, len(key), _PART)
    ]
    return any(one == other for one, other in pairwise(parts))


def kcv(key: bytes) -> str:
    """The check value of a DES key or component: 8 upper-case hex digits."""
    return check_value(key).hex().upper()

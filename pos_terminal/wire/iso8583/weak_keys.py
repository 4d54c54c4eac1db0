"""Keys under which DES hides nothing, or undoes itself (NIST SP 800-67 Rev. 2, 3.4.2)."""

from __future__ import annotations

from typing import Final

_PART: Final = 8
_LISTED: Final = (
    # weak: encrypting twice gives back what there was
    *("0101010101010101", "FEFEFEFEFEFEFEFE", "E0E0E0E0F1F1F1F1", "1F1F1F1F0E0E0E0E"),
    # semi-weak: each undoes another one
    *("01FE01FE01FE01FE", "FE01FE01FE01FE01", "1FE01FE00EF10EF1", "E01FE01FF10EF10E"),
    *("01E001E001F101F1", "E001E001F101F101", "1FFE1FFE0EFE0EFE", "FE1FFE1FFE0EFE0E"),
    *("011F011F010E010E", "1F011F010E010E01", "E0FEE0FEF1FEF1FE", "FEE0FEE0FEF1FEF1"),
)


def _without_parity(part: bytes) -> bytes:
    return bytes(byte & 0xFE for byte in part)


_WEAK: Final = frozenset(_without_parity(bytes.fromhex(key)) for key in _LISTED)


def has_weak_part(key: bytes) -> bool:
    """Whether one of its 8-byte parts is a weak or semi-weak DES key; all zeros is one of them.

    Parity bits are left out, as DES leaves them out.
    """
    parts = (key[at : at + _PART] for at in range(0, len(key), _PART))
    return any(_without_parity(part) in _WEAK for part in parts)

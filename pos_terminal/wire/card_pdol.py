"""What the card is told of the terminal before it hands out its data: the PDOL, filled.

The amount is zero and an online cryptogram is asked for, always, so that no card (electronic
cash!) can be debited offline by being read. Tags that we don't know are zeros (EMV Book 3, 5.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from pos_terminal.wire.tlv import TlvError, encode, parse_dol

_REFUND: Final = "20"
_TTQ: Final = "27800000"
"""qVSDC, contact chip, online PIN, signature; byte 2 bit 8: online cryptogram required."""
_NUMERIC: Final = frozenset(("9F02", "9F03", "9F1A", "5F2A", "9A", "9C", "9F35"))
_MAX_BYTES: Final = 252
"""So that the template still fits a short APDU."""


class TerminalData(Struct, frozen=True):
    """What a reading depends on beside the card itself."""

    today: date
    unpredictable: bytes
    """Four random bytes, 9F37."""
    currency: str
    """ISO 4217 numeric, three digits."""
    country: str
    """ISO 3166 numeric, three digits."""


def fill(pdol: bytes, data: TerminalData) -> bytes:
    """The template 83 that answers ``pdol``. Raises TlvError for a list that can't be served."""
    values = _values(data)
    wanted = parse_dol(pdol)
    if sum(size for _, size in wanted) > _MAX_BYTES:
        raise TlvError("the card asks for more than a command can carry")
    return encode("83", b"".join(_sized(tag, values.get(tag, b""), size) for tag, size in wanted))


def _values(data: TerminalData) -> Mapping[str, bytes]:
    return {
        "9F02": bytes(6),
        "9F03": bytes(6),
        "9F66": bytes.fromhex(_TTQ),
        "9F1A": bytes.fromhex(data.country.zfill(4)),
        "5F2A": bytes.fromhex(data.currency.zfill(4)),
        "95": bytes(5),
        "9A": bytes.fromhex(f"{data.today:%y%m%d}"),
        "9C": bytes.fromhex(_REFUND),
        "9F35": bytes.fromhex("21"),  # attended, online only, run by the merchant
        "9F37": data.unpredictable,
    }


def _sized(tag: str, value: bytes, size: int) -> bytes:
    """EMV's rule for another length: numbers keep their end, everything else its beginning."""
    if tag in _NUMERIC:
        return value[-size:].rjust(size, b"\0") if size else b""
    return value[:size].ljust(size, b"\0")

"""Application identifiers: whose card it is, from the first bytes of its AID.

Prefixes as the schemes register them (ISO/IEC 7816-5: five bytes RID, then the scheme's PIX).
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from pos_terminal.core.sale import Funding

MIN_BYTES: Final = 5
MAX_BYTES: Final = 16


class Scheme(Struct, frozen=True):
    """``brand`` is a stable name in ASCII; people read ``Wording.scheme``."""

    brand: str
    funding: Funding


_PREFIXES: Final = (
    ("A000000333010101", "unionpay", Funding.DEBIT),
    ("A000000333010102", "unionpay", Funding.CREDIT),
    ("A000000333010103", "unionpay", Funding.CREDIT),  # quasi-credit
    ("A000000333010106", "unionpay", Funding.DEBIT),  # electronic cash alone
    ("A000000333010108", "unionpay", Funding.DEBIT),  # US common debit
    ("A000000333", "unionpay", Funding.UNKNOWN),
    ("A0000000031010", "visa", Funding.UNKNOWN),
    ("A0000000032010", "visa", Funding.DEBIT),  # Electron
    ("A0000000032020", "visa", Funding.DEBIT),  # V PAY
    ("A0000000041010", "mastercard", Funding.UNKNOWN),
    ("A0000000043060", "maestro", Funding.DEBIT),
    ("A0000000651010", "jcb", Funding.UNKNOWN),
    ("A00000002501", "amex", Funding.CREDIT),
    ("A0000001523010", "discover", Funding.UNKNOWN),
    ("A0000005241010", "rupay", Funding.UNKNOWN),
    ("A0000000421010", "cb", Funding.UNKNOWN),
    ("A0000002771010", "interac", Funding.DEBIT),
    ("A0000003591010028001", "girocard", Funding.DEBIT),
)

SUPPORTED: Final = tuple(
    bytes.fromhex(prefix)
    for prefix in (
        "A000000333010101",
        "A000000333010102",
        "A000000333010103",
        "A000000333010106",
        "A000000333010108",
        "A0000000031010",
        "A0000000041010",
        "A0000000651010",
        "A00000002501",
        "A0000001523010",
        "A0000000032010",
        "A0000000032020",
        "A0000000043060",
        "A0000003591010028001",
        "A0000000421010",
        "A0000002771010",
        "A0000005241010",
    )
)
"""What is tried on a card without a directory, the likeliest in a shop first."""

_MASTERCARD_RID: Final = bytes.fromhex("A000000004")


def scheme_of(aid: bytes) -> Scheme | None:
    """The scheme of an application, by its longest known prefix; None for a foreign one."""
    text = aid.hex().upper()
    for prefix, brand, funding in _PREFIXES:
        if text.startswith(prefix):
            return Scheme(brand, funding)
    return None


def has_track2_in_9f6b(aid: bytes) -> bool:
    """Whether tag 9F6B is track 2 data here; for other schemes it means something else."""
    return aid.startswith(_MASTERCARD_RID)

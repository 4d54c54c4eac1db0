"""Whether a sale's buyer has an invoice (发票, R69): one that is out must be taken back with it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

MOST: Final = 64
"""Characters of an invoice's number."""

_QR: Final = "01"
_NUMBER: Final = 3
"""Where it stands in the QR code of an invoice: ``01,kind,code,number,amount,day,check,…``."""


def number_of(scanned: str) -> str:
    """An invoice's number, of its QR code or as it stands there alone."""
    fields = scanned.split(",")
    return fields[_NUMBER] if fields[0] == _QR and len(fields) > _NUMBER else scanned


class Invoiced(StrEnum):
    """As the till tells it."""

    ISSUED = "issued"
    NONE = "none"


class Answered(StrEnum):
    """What became of an invoice that is out, as the clerk says at the refund."""

    RETURNED = "returned"
    RED_LETTER = "red_letter"
    """Its red-letter invoice (红字发票) takes it back."""
    NEITHER = "neither"


class InvoiceBack(Struct, frozen=True):
    answer: Answered
    number: str = ""
    """Of the red-letter invoice; empty for the others."""

    @classmethod
    def stored(cls, answer: str | None, number: str) -> InvoiceBack | None:
        """None: nobody was asked."""
        return None if answer is None else cls(Answered(answer), number)

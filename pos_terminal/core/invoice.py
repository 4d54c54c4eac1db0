"""Whether a sale's buyer has an invoice (发票, R69): one that is out must be taken back with it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

LEAST: Final = 8
"""Characters of an invoice's number: eight on paper, twenty of a digital one,"""
MOST: Final = 64
"""and more where another authority issues them."""

_QR: Final = "01"
_FIELDS: Final = 7
_NUMBER: Final = 3


def number_of(scanned: str) -> str:
    """An invoice's number, of its QR code or as it stands there alone.

    The QR code is ``01,kind,code,number,amount,day,check,…``, the last one or two fields perhaps
    empty or missing. Up to 2023 an invoice has a code (发票代码) and a number of eight digits:
    ``01,10,011001605111,80100798,64.9,20161018,85342965681116380258`` (kinds 01, 04, 10;
    https://www.codeprj.com/zh/blog/5d77841.html). A fully digital one (数电票) has no code, and a
    number of twenty digits that starts with the year: ``01,32,,23442000000014209621,112,20230215,,
    74AE`` (https://blog.csdn.net/yiqinuliba/article/details/131490667). No authority has published
    it; whatever does not look so is taken as it stands.
    """
    fields = scanned.split(",")
    return fields[_NUMBER] if fields[0] == _QR and len(fields) >= _FIELDS else scanned


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


STAYS_OUT: Final = InvoiceBack(Answered.NEITHER)
"""A supervisor must see it."""

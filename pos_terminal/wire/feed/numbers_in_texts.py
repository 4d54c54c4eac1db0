"""Texts of a record are kept as they come: there is no place for card numbers in them (R54).

In what people read, a number is a card's by prefix, length and check digit. What tills number by
themselves (sales, receipts, orders) may look like one by chance: there it is the number of a card
that the same record has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pos_terminal.core.normal import normal
from pos_terminal.core.pan import Pan, PanError, holds_card_number, repeats
from pos_terminal.wire.feed.bad import BadLine

IDENTIFIERS: Final = frozenset(
    {
        *("sale_id", "receipt_no", "gift_receipt_no", "reference", "order_no"),
        *("voucher_no", "exchange_no", "serials", "barcodes", "sku", "merchant_id"),
    }
)
CARD: Final = frozenset({"pan", "token", "token_key_id", "masked", "par"})
"""These say what card it is; they are held against their own forms."""


def no_card_numbers(record: Mapping[str, object]) -> None:
    """BadLine names the field that has one."""
    cards = list(_cards(record))
    for field, text in _texts(record, ""):
        name = field.rpartition(".")[2].partition("[")[0]
        if name in IDENTIFIERS:
            found = any(repeats(normal(text), masked) for masked in cards)
        else:
            found = holds_card_number(text)
        if found:
            raise BadLine("card_in_text", field=field)


def _texts(value: object, at: str) -> Iterator[tuple[str, str]]:
    """Every text with where it stands, but for those that say what card it is."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in CARD and _may_hold(inner):
                yield from _texts(inner, f"{at}.{name}" if at else str(name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            if _may_hold(inner):
                yield from _texts(inner, f"{at}[{place}]")


def _may_hold(value: object) -> bool:
    """Most values of a record are numbers and short texts; a day has a million of them."""
    return len(value) >= _LEAST if isinstance(value, str) else isinstance(value, dict | list)


_LEAST: Final = 12


def _cards(record: Mapping[str, object]) -> Iterator[str]:
    """Masked numbers of the record's cards, as far as it tells six and four."""
    tenders = record.get("tenders")
    for tender in tenders if isinstance(tenders, list) else ():
        masked, pan = tender.get("masked"), tender.get("pan")
        if isinstance(pan, str):
            try:
                yield Pan(pan).masked
            except PanError:
                continue
        elif isinstance(masked, str) and masked[:6].isdigit():
            yield masked

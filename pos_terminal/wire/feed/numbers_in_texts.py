"""Texts of a record are kept as they come: there is no place for card numbers in them (R54).

In what people read, a number is a card's by prefix, length and check digit. What tills number by
themselves (sales, receipts, orders) may look like one by chance: there it is the number of a card
that the same record has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from pos_terminal.core.normal import normal
from pos_terminal.core.pan import Pan, PanError, holds_card_number, repeats, seeming_numbers
from pos_terminal.wire.feed.bad import BadLine

IDENTIFIERS: Final = frozenset(
    {
        *("sale_id", "receipt_no", "gift_receipt_no", "invoice_no", "reference", "order_no"),
        *("voucher_no", "exchange_no", "recovery_no", "serials", "barcodes", "sku", "merchant_id"),
    }
)
CARD: Final = frozenset({"pan", "token", "token_key_id", "masked", "par"})
"""These say what card it is; they are held against their own forms."""


def no_card_numbers(record: Mapping[str, object]) -> None:
    """BadLine names the field that has one."""
    cards = list(_cards(record))
    for field, text in _texts(record):
        if _is_card(text, cards) if _is_identifier(field) else holds_card_number(text):
            raise BadLine("card_in_text", field=field)


class Numbers(Struct, frozen=True):
    """What of a bad line has stars in ``refused/``."""

    own: frozenset[str] = frozenset()
    """What tills number by themselves and only seems to be a card's: that has none."""
    cards: tuple[str, ...] = ()
    """Masked, of the record's own cards: among other digits, too."""


def numbers_in(record: Mapping[str, object]) -> Numbers:
    """Of a record that need not be one. Nothing is the till's own where it tells a full number:
    that may be anywhere in it."""
    cards = tuple(_cards(record))
    if any("pan" in tender for tender in _tenders(record)):
        return Numbers(cards=cards)
    own: set[str] = set()
    others: set[str] = set()
    for field, text in _texts(record):
        ours = _is_identifier(field) and not _is_card(text, cards)
        (own if ours else others).update(seeming_numbers(text))
    return Numbers(frozenset(own - others), cards)


def _is_identifier(field: str) -> bool:
    return field.rpartition(".")[2].partition("[")[0] in IDENTIFIERS


def _is_card(text: str, cards: Sequence[str]) -> bool:
    """Whether it has the number of one of these."""
    return any(repeats(normal(text), masked) for masked in cards)


def _texts(record: Mapping[str, object]) -> list[tuple[str, str]]:
    """Every text with where it stands, but for those that say what card it is, and short ones."""
    found: list[tuple[str, str]] = []
    _collect(record.items(), "", found)
    return found


def _collect(
    values: Iterable[tuple[str | int, object]], at: str, found: list[tuple[str, str]]
) -> None:
    """Most values of a record are numbers and short texts; a day has a million of them."""
    for name, value in values:
        if isinstance(value, str):
            if len(value) >= _LEAST and name not in CARD:
                found.append((_place(at, name), value))
        elif isinstance(value, dict):
            _collect(value.items(), _place(at, name), found)
        elif isinstance(value, list):
            _collect(enumerate(value), _place(at, name), found)


def _place(at: str, name: str | int) -> str:
    if isinstance(name, int):
        return f"{at}[{name}]"
    return f"{at}.{name}" if at else name


_LEAST: Final = 12


def _cards(record: Mapping[str, object]) -> Iterator[str]:
    """Masked numbers of the record's cards, as far as it tells six and four."""
    for tender in _tenders(record):
        masked, pan = tender.get("masked"), tender.get("pan")
        if isinstance(pan, str):
            try:
                yield Pan(pan).masked
            except PanError:
                continue
        elif isinstance(masked, str) and masked[:6].isdigit():
            yield masked


def _tenders(record: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    tenders = record.get("tenders")
    for tender in tenders if isinstance(tenders, list) else ():
        if isinstance(tender, dict):
            yield tender

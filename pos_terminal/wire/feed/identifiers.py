"""Names, numbers and quantities of a record, as they are compared."""

from __future__ import annotations

from collections.abc import Iterable

from pos_terminal.core.normal import normal
from pos_terminal.core.quantity import TooFine, parse_quantity
from pos_terminal.wire.feed.bad import BadLine


def ident(field: str, given: str) -> str:
    """Of what names something, without what people don't see. BadLine where nothing is left."""
    text = normal(given)
    if not text:
        raise BadLine("short", field=field, bound=">= 1")
    return text


def idents(field: str, given: Iterable[str]) -> tuple[str, ...]:
    return tuple(ident(field, one) for one in given)


def quantity_of(number: int, given: str | int) -> int:
    try:
        return parse_quantity(str(given))
    except TooFine:
        raise BadLine("quantity_fine", number=number, quantity=str(given)) from None

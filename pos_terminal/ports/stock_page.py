"""Goods and points that came back, as tills and stock systems are told (``docs/stock.md``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from pos_terminal.core.quantity import format_quantity
from pos_terminal.ports.records import Movement

MOST_OF_A_PAGE: Final = 200
"""Movements that are read while everything else waits."""


class StockPage(Struct, frozen=True):
    """Movements with a higher number than was asked for, and what a reader must know of others."""

    movements: Sequence[Movement]
    """By their numbers."""
    next: int
    """What to ask for next time: no number up to here comes any more."""
    last: int
    """The highest number that was ever given; 0: none yet."""
    oldest: int | None
    """The lowest number that is kept."""
    erased: int
    """So many numbers up to ``next`` went with sales that were too old: none else is missing."""


def as_told(one: Movement) -> dict[str, Any]:
    """Its fields by name. None: it has none."""
    return {
        "n": one.n,
        "at": one.at.isoformat(),
        "what": one.what.value,
        "amount": one.amount or None,
        "sale_id": one.sale_id,
        "line": one.line,
        "sku": one.sku,
        "barcode": one.barcode,
        "serial": one.serial,
        "quantity": format_quantity(one.quantity) if one.quantity else None,
        "condition": one.condition,
        "disposition": None if one.disposition is None else one.disposition.value,
        "reason": one.reason,
        "refund": one.refund_id,
        "ticket": one.ticket,
        "counters": one.counters,
    }


FIELDS: Final = (
    *("n", "at", "what", "amount", "sale_id", "line", "sku", "barcode", "serial", "quantity"),
    *("condition", "disposition", "reason", "refund", "ticket", "counters"),
)
"""Of ``as_told``, in their order."""

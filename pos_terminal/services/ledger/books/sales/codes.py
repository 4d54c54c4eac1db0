"""The codes of what was sold, one row for each code of a sale: goods find it (R5), and the least
that was paid for a piece of them (R17)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pos_terminal.core.goods_code import codes_of
from pos_terminal.core.price import list_worth
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.sale import LineKind, Sale, SaleOrigin, SaleState
from pos_terminal.core.worth import worths
from pos_terminal.services.ledger.step import Step

TABLE: Final = """
CREATE TABLE goods_codes (
    sale_key INTEGER NOT NULL REFERENCES sales,
    code TEXT NOT NULL CHECK (code != ''),
    sold_ts INTEGER NOT NULL,
    price INTEGER CHECK (price >= 0),
    PRIMARY KEY (sale_key, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_codes_code ON goods_codes (code, sold_ts);
CREATE INDEX goods_codes_price ON goods_codes (code, price, sold_ts) WHERE price IS NOT NULL;
"""
ALL: Final = "SELECT sale_key, code, sold_ts, price FROM goods_codes ORDER BY sale_key, code"
LOWEST: Final = """SELECT price FROM goods_codes WHERE code = ? AND price IS NOT NULL
    AND sold_ts >= ? ORDER BY price LIMIT 1"""
HIGHEST: Final = LOWEST.replace("ORDER BY price", "ORDER BY price DESC")
NEWEST: Final = (
    "SELECT sale_key, sold_ts FROM goods_codes WHERE code = ? ORDER BY sold_ts DESC LIMIT 1"
)

_Row = tuple[int, str, int, int | None]


def add(step: Step, sales: Iterable[Sale]) -> None:
    """Of new sales, which have their keys."""
    rows = (row for sale in sales for row in rows_of(sale))
    sql = "INSERT INTO goods_codes (sale_key, code, sold_ts, price) VALUES (?, ?, ?, ?)"
    step.db.executemany(sql, rows)


def rows_of(sale: Sale) -> list[_Row]:
    """By their codes. A discount is nothing that anybody has in hand, and what stands for goods
    without a receipt was never sold."""
    if sale.origin is SaleOrigin.BLIND:
        return []
    worth, at = worths(sale), int(sale.sold_at.timestamp())
    found: dict[str, int | None] = {}
    for line in sale.lines:
        if line.kind is LineKind.DISCOUNT:
            continue
        price = _of_a_piece(worth.get(line.line, 0), line.quantity)
        for code in codes_of(line):
            told = [one for one in (found.get(code), price) if one is not None]
            found[code] = min(told, default=None)
    return [(sale.key, code, at, found[code]) for code in sorted(found)]


def each_for(sale: Sale, wanted: frozenset[str]) -> int | None:
    """What a piece of these goods cost in this sale; None where not each of them cost as much."""
    worth = worths(sale)
    prices = {
        _of_a_piece(worth.get(line.line, 0), line.quantity)
        for line in sale.lines
        if line.kind is not LineKind.DISCOUNT and codes_of(line) & wanted
    }
    return prices.pop() if len(prices) == 1 else None


def as_listed(sale: Sale, wanted: frozenset[str]) -> bool:
    """Whether what these goods cost in this sale is their price: the till told it, it stands,
    nothing of it went back, and nothing was taken off, of it or of them."""
    worth = worths(sale)
    lines = [one for one in sale.lines if codes_of(one) & wanted]
    return (
        sale.origin is SaleOrigin.FEED
        and sale.state is SaleState.APPROVED
        and not sale.locked
        and sale.remaining == sale.amount
        and all(one.kind is not LineKind.DISCOUNT for one in sale.lines)
        and all(
            one.kind is LineKind.GOODS
            and one.remaining == one.quantity
            and worth[one.line] >= list_worth(one.quantity, one.price)
            for one in lines
        )
    )


def _of_a_piece(worth: int, quantity: int) -> int | None:
    """Minor units, rounded down; None where nothing was sold."""
    return worth * SCALE // quantity if quantity > 0 else None

"""The codes of what was sold, one row for each code of a sale: goods find it (R5)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from pos_terminal.core.goods_code import codes_of
from pos_terminal.core.sale import LineKind, Sale
from pos_terminal.services.ledger.step import Step

TABLE: Final = """
CREATE TABLE goods_codes (
    sale_key INTEGER NOT NULL REFERENCES sales,
    code TEXT NOT NULL CHECK (code != ''),
    sold_ts INTEGER NOT NULL,
    PRIMARY KEY (sale_key, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_codes_code ON goods_codes (code, sold_ts);
"""
_STORED: Final = "SELECT sale_key, code, sold_ts FROM goods_codes WHERE sale_key = ? ORDER BY code"

_Row = tuple[int, str, int]


def add(step: Step, sales: Iterable[Sale]) -> None:
    """Of new sales, which have their keys."""
    rows = (row for sale in sales for row in rows_of(sale))
    step.db.executemany("INSERT INTO goods_codes (sale_key, code, sold_ts) VALUES (?, ?, ?)", rows)


def rows_of(sale: Sale) -> list[_Row]:
    """By their codes. A discount is nothing that anybody has in hand."""
    goods = (line for line in sale.lines if line.kind is not LineKind.DISCOUNT)
    at = int(sale.sold_at.timestamp())
    return [
        (sale.key, code, at) for code in sorted({one for line in goods for one in codes_of(line)})
    ]


def as_stored(db: sqlite3.Connection, sale_key: int) -> list[_Row]:
    return [tuple(row) for row in db.execute(_STORED, (sale_key,))]

"""The row of a sale in a list, read by one statement for all that are in it."""

from __future__ import annotations

import sqlite3
from datetime import datetime, tzinfo
from typing import Final

from pos_terminal.core.listed import ListedSale
from pos_terminal.core.local_time import local
from pos_terminal.core.sale import SaleOrigin, SaleState

LISTED: Final = f"""SELECT s.sale_key, s.sale_id, s.origin, s.sold_at, s.currency, s.amount,
    s.state, coalesce((SELECT t.trace FROM tenders t WHERE t.sale_key = s.sale_key
            AND t.trace > '' ORDER BY t.leg LIMIT 1),
        nullif(s.trace, ''), nullif(s.receipt_no, ''),
        (SELECT t.rrn FROM tenders t WHERE t.sale_key = s.sale_key
            AND t.rrn > '' AND s.origin = '{SaleOrigin.TYPED}' ORDER BY t.leg LIMIT 1),
        '') AS number,
    (SELECT l.name FROM lines l WHERE l.sale_key = s.sale_key ORDER BY l.line LIMIT 1) AS goods
    FROM sales s"""
"""``number`` as ``core/sale.py`` has it."""


def of_keys(count: int) -> str:
    """Of so many sales, which are named by their keys."""
    return f"{LISTED} WHERE s.sale_key IN ({', '.join('?' * count)})"


def listed_of(row: sqlite3.Row, zone: tzinfo) -> ListedSale:
    return ListedSale(
        key=row["sale_key"],
        sale_id=row["sale_id"] or "",
        origin=SaleOrigin(row["origin"]),
        sold_at=local(datetime.fromisoformat(row["sold_at"]), zone),
        number=row["number"],
        goods=row["goods"] or "",
        amount=row["amount"],
        currency=row["currency"],
        state=SaleState(row["state"]),
    )

"""Exchange credits that a till names so that nobody can tell which it was: masked, or with a sign
wrong (R37). A number of another terminal's is none of these."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from pos_terminal.core.case import CaseKind, CaseState
from pos_terminal.core.home import Home
from pos_terminal.core.sale import SaleState, TenderKind
from pos_terminal.core.voucher_likeness import seems_drawn_here
from pos_terminal.services.ledger.books.sales.like_ours import may_be

OPEN_CASE: Final = f"""k.case_id > 0 AND k.kind = '{CaseKind.EXCHANGE_NOT_REDEEMED}'
    AND k.state = '{CaseState.OPEN}' AND k.facts ->> 'ticket' = 0"""
"""SQL: of cases ``k``, those of a number that is unclear."""
TOLD_AS: Final = "iif(t.exchange_no != '', t.exchange_no, t.voucher_no)"
_TOLD: Final = f"""SELECT t.sale_key, t.leg, t.kind, t.amount, s.sold_at, {TOLD_AS} AS number,
    s.state != '{SaleState.VOIDED}' AS stands FROM tenders t JOIN sales s USING (sale_key)
    WHERE (t.exchange_no != '' OR t.voucher_no != '')
    AND NOT EXISTS (SELECT 1 FROM exchange_credits c WHERE c.number = {TOLD_AS})
    AND NOT EXISTS (SELECT 1 FROM vouchers v WHERE v.number = {TOLD_AS}) AND"""
_OF_SALE: Final = f"{_TOLD} s.sale_id = ?"
_IN_CASES: Final = f"""{_TOLD} (t.sale_key, t.leg) IN (
    SELECT k.sale_key, k.facts ->> 'leg' FROM cases k WHERE {OPEN_CASE})"""
_SINCE: Final = f"{_TOLD} t.exchange_no > '' AND t.exchange_no != '' AND t.sold_ts >= ?"
_LATELY: Final = timedelta(days=7)
"""Longer than a credit lasts and a till waits to tell of it."""


class Unclear(Struct, frozen=True):
    """One payment, minor units."""

    sale_key: int
    leg: int
    number: str
    """As it was told."""
    amount: int
    stands: bool
    """False: the till has voided the sale."""
    may_be: Mapping[str, int]
    """What was taken of each of ours that it may be."""


def unclear(
    db: sqlite3.Connection, home: Home, names: Iterable[str], now: datetime
) -> list[Unclear]:
    """Of these sales, of those with an open case, and of what else was sold lately."""
    since = int((now - _LATELY).timestamp())
    rows = [row for name in names for row in db.execute(_OF_SALE, (name,)).fetchall()]
    rows += db.execute(_IN_CASES).fetchall() + db.execute(_SINCE, (since,)).fetchall()
    found = []
    for row in sorted(set(map(tuple, rows))):
        sale_key, leg, kind, amount, sold_at, number, stands = row
        ours = may_be(db, home, number, amount, datetime.fromisoformat(sold_at))
        by_credit = kind == TenderKind.EXCHANGE and seems_drawn_here(
            number, home.merchant_id, home.terminal_id
        )
        if by_credit or any(is_credit for is_credit, _ in ours.values()):
            taken = {one: redeemed for one, (_, redeemed) in ours.items()}
            found.append(Unclear(sale_key, leg, number, amount, stands and amount > 0, taken))
    return found

"""What tills say that the exchange credits of a sale paid, and did not take of them (R37)."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Final

from pos_terminal.core.case import CaseKind, CaseState
from pos_terminal.core.exchange_credit import CreditState
from pos_terminal.core.home import Home
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.exchange_told import Untaken
from pos_terminal.services.ledger.books.sales.like_ours import may_be
from pos_terminal.services.ledger.books.sales.unclear import OPEN_CASE, TOLD_AS

_ENDED: Final = """FROM refunds r JOIN exchange_credits c USING (refund_id)
    JOIN applications a ON a.number = r.application"""
_OF_SALE: Final = f"""r.sale_key = ? AND r.kind = '{Kind.EXCHANGE_CREDIT}'
    AND (c.state != '{CreditState.OPEN}' OR a.ticket = ?)"""
_UNTAKEN: Final = f"""SELECT k.case_id, c.number, (k.facts ->> 'paid') - c.taken AS amount {_ENDED}
    JOIN tenders t ON t.exchange_no = c.number AND t.exchange_no != ''
    JOIN cases k ON k.sale_key = t.sale_key AND k.kind = '{CaseKind.EXCHANGE_NOT_REDEEMED}'
    AND k.told = CAST(a.ticket AS TEXT) AND k.state = '{CaseState.OPEN}'
    WHERE {_OF_SALE} ORDER BY k.case_id"""
_LEFT: Final = (
    f"SELECT c.number, c.amount - c.taken {_ENDED} WHERE {_OF_SALE} AND c.amount > c.taken"
)
_UNCLEAR: Final = f"""SELECT k.case_id, {TOLD_AS} AS told, t.amount, s.sold_at FROM cases k
    JOIN tenders t ON t.sale_key = k.sale_key AND t.leg = k.facts ->> 'leg'
    JOIN sales s ON s.sale_key = k.sale_key WHERE {OPEN_CASE} ORDER BY k.case_id"""


def untaken(db: sqlite3.Connection, home: Home, sale_key: int, rest_of: int = 0) -> Untaken:
    """Of those of which the till takes no more, and of the one of the ticket ``rest_of``; of a
    number that is unclear each that it may have meant."""
    cases: dict[int, None] = {}
    most: dict[str, int] = {}
    for case_id, number, amount in db.execute(_UNTAKEN, (sale_key, rest_of)):
        cases[case_id] = None
        most[number] = max(most.get(number, 0), amount)
    known = len(cases)
    left = dict(map(tuple, db.execute(_LEFT, (sale_key, rest_of))))
    for case_id, told, amount, sold_at in db.execute(_UNCLEAR).fetchall() if left else ():
        for number in left.keys() & may_be(db, home, told, amount, datetime.fromisoformat(sold_at)):
            cases[case_id] = None
            most[number] = max(most.get(number, 0), min(amount, left[number]))
    unclear = bool(cases) and not known
    return Untaken(tuple(sorted(cases)), sum(most.values()), unclear=unclear)

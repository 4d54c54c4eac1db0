"""What tills say that the exchange credits of a sale paid, and did not take of them (R37)."""

from __future__ import annotations

import sqlite3
from typing import Final

from pos_terminal.core.case import CaseKind, CaseState
from pos_terminal.core.exchange_credit import CreditState
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.exchange_told import Untaken

_UNTAKEN: Final = f"""SELECT k.case_id, c.number, (k.facts ->> 'paid') - c.taken AS amount
    FROM refunds r JOIN exchange_credits c USING (refund_id)
    JOIN applications a ON a.number = r.application
    JOIN tenders t ON t.exchange_no = c.number AND t.exchange_no != ''
    JOIN cases k ON k.sale_key = t.sale_key AND k.kind = '{CaseKind.EXCHANGE_NOT_REDEEMED}'
    AND k.told = CAST(a.ticket AS TEXT) AND k.state = '{CaseState.OPEN}'
    WHERE r.sale_key = ? AND r.kind = '{Kind.EXCHANGE_CREDIT}'
    AND (c.state != '{CreditState.OPEN}' OR a.ticket = ?) ORDER BY k.case_id"""


def untaken(db: sqlite3.Connection, sale_key: int, rest_of: int = 0) -> Untaken:
    """Of those of which the till takes no more, and of the one of the ticket ``rest_of``."""
    cases: dict[int, None] = {}
    most: dict[str, int] = {}
    for case_id, number, amount in db.execute(_UNTAKEN, (sale_key, rest_of)):
        cases[case_id] = None
        most[number] = max(most.get(number, 0), amount)
    return Untaken(tuple(cases), sum(most.values()))

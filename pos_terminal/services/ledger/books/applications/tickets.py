"""Tickets, as lists have them: what their applications are (R35)."""

from __future__ import annotations

from typing import Any, Final

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.exchange_credit import CreditState
from pos_terminal.core.refund import State
from pos_terminal.core.ticket import Standing, TicketState, state_of
from pos_terminal.services.ledger.books.book import Listing, Query

_LIST: Final = f"""SELECT ticket, min(opened_at) AS opened_at, operator,
    EXISTS (SELECT 1 FROM applications f JOIN refunds r ON r.application = f.number
        JOIN exchange_credits c USING (refund_id) WHERE f.ticket = a.ticket
        AND c.state = '{CreditState.OPEN}' AND julianday(c.expires_at) < julianday(:now)) AS expired
    FROM applications a WHERE leg > 0 GROUP BY ticket ORDER BY ticket DESC LIMIT :limit"""
"""What is left of an exchange credit is to do once its time is over."""
_PLAN: Final = """SELECT a.number AS application, s.sale_id, a.leg, t.kind AS tender, a.kind,
    a.amount, a.state, r.refund_id AS refund, a.kept, r.state AS refund_state
    FROM applications a JOIN sales s USING (sale_key)
    JOIN tenders t ON t.sale_key = a.sale_key AND t.leg = a.leg
    LEFT JOIN refunds r ON r.refund_id =
        (SELECT max(refund_id) FROM refunds WHERE application = a.number)
    WHERE a.ticket = :ticket ORDER BY a.place, a.number"""
_OWN: Final = ("kept", "refund_state")
"""What only the state is made of."""


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    plan = query(_PLAN, {"ticket": row["ticket"]})
    state = state_of(
        Standing(
            ApplicationState(one["state"]),
            bool(one["kept"]),
            State(one["refund_state"]) if one["refund_state"] else None,
        )
        for one in plan
    )
    shown = {name: row[name] for name in row if name != "expired"}
    return shown | {
        "state": (TicketState.TODO if row["expired"] else state).value,
        "plan": [{name: one[name] for name in one if name not in _OWN} for one in plan],
    }


LISTING: Final = Listing(
    name="tickets", sql=_LIST, columns=("ticket", "opened_at", "operator", "state"), shown=_shown
)

"""Who can't approve: whose refund it is (R23)."""

from __future__ import annotations

from collections.abc import Iterable

from pos_terminal.flows.common.desk import Desk


def not_theirs(desk: Desk, tickets: Iterable[int], operators: Iterable[str] = ()) -> set[str]:
    """The operator, the ``operators`` of what is approved, and whoever asked for anything of these
    tickets: also where another one goes on with it, they began it. Who went on with it for a while
    asked for nothing, and may approve what is in another's name by now."""
    began: dict[tuple[int, int], str] = {}
    for ticket in tickets:
        for one in desk.ledger.applications.of_ticket(ticket):
            began.setdefault((ticket, one.place), one.operator)
    return {desk.clerk.number, *operators, *began.values()}

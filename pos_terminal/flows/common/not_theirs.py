"""Who can't approve: whose refund it is (R23)."""

from __future__ import annotations

from collections.abc import Iterable

from pos_terminal.flows.common.desk import Desk


def not_theirs(desk: Desk, tickets: Iterable[int]) -> set[str]:
    """The operator, and whoever asked for anything of these tickets before: also where another one
    goes on with it, they began it."""
    of_ticket = desk.ledger.applications.of_ticket
    began = {one.operator for ticket in tickets for one in of_ticket(ticket)}
    return {desk.clerk.number, *began}

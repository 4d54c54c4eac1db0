"""Tickets of which something is to do (R35, R37)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.flows.common.desk import Desk


def tickets_to_do(desk: Desk) -> Sequence[int]:
    """Oldest first: legs that are left, and exchange credits whose time is over."""
    left = [one.ticket for one in desk.ledger.applications.to_do()]
    return sorted({*left, *(one.ticket for one in _expired(desk))})


def expired_credit(desk: Desk, ticket: int) -> ExchangeCredit | None:
    """That of this ticket, where the till does not take it any more and its rest is here."""
    return next((one for one in _expired(desk) if one.ticket == ticket), None)


def _expired(desk: Desk) -> Sequence[ExchangeCredit]:
    return desk.ledger.exchange_credits.expired(desk.clock.now())

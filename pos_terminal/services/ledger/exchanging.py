"""An exchange: goods in, goods out, and its slips in one commit; no money moves (R37)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.exchange import GivenOut, is_even
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.ports import Slips
from pos_terminal.services.ledger.books import applications, cases, exchanges, refunds, stock
from pos_terminal.services.ledger.books.slips import queue
from pos_terminal.services.ledger.may_go import may_go
from pos_terminal.services.ledger.step import Step


def exchange(step: Step, number: int, out: Sequence[GivenOut], slips: Slips) -> Refund:
    """All of it is there, or nothing is.

    ValueError where what goes ``out`` is not worth what comes back; or where nobody approved that
    its number was not read, or that what it is for never came. Failure ``ledger.lines`` where
    the goods are not the customer's any more, ``ledger.sale_open`` and the like.
    """
    application = applications.load(step.db, number)
    if application.kind is not Kind.EXCHANGE or not is_even(application.items, out):
        raise ValueError(f"application {number} is no even exchange")
    opened = (ApplicationState.OPEN,)
    applications.change(step, number, ApplicationState.DONE, opened, kept=False)
    may_go(step, application)
    refund = refunds.add(step, application, State.EXCHANGED, None)
    exchanges.add(step, refund, out)
    if exchanges.unread_unasked(step.db, refund):
        raise ValueError(f"nobody approved that application {number} gives out what nobody read")
    if exchanges.missing_unasked(step.db, refund):
        raise ValueError(f"nobody approved that what application {number} replaces never came")
    stock.add_goods(step, refund, out)
    cases.replaced_goods(step, refund)
    refunds.log(step, refund)
    queue(step, slips(refund) if callable(slips) else slips, refund.refund_id, number)
    return refund

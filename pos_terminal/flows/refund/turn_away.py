"""Turned away before an amount was asked: numbered and kept, with a slip on request (R67)."""

from __future__ import annotations

import logging

from pos_terminal.core.decision import Decision, Phase, with_gift
from pos_terminal.core.refund import Kind
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.keep_doubt import keep_doubt
from pos_terminal.flows.common.turned_away import TurnedAway
from pos_terminal.ports import Application
from pos_terminal.ui.ask import tell

log = logging.getLogger(__name__)


async def turn_away(desk: Desk, away: TurnedAway) -> Application | None:
    """The application that it is; None where the ledger can't take it, and nothing else is lost."""
    await keep_doubt(desk, None if away.sale is None else away.sale.key, away.doubt)
    decision = Decision(Phase.BEFORE_CARD, (away.verdict,))
    try:
        return await desk.ledger.applications.open(
            sale_key=None if away.sale is None else away.sale.key,
            leg=0,
            kind=Kind.REFUND,
            amount=0,
            reason="",
            note=away.given,
            operator=desk.clerk.number,
            decisions=[with_gift(decision, to_buyer=False) if away.by_gift else decision],
            refused=True,
        )
    except Failure as failure:
        log.warning("%s was not kept: %s", away.code, failure)
        return None


async def print_refusal(desk: Desk, application: Application, away: TurnedAway) -> None:
    """Both copies, with the number and the contact for a complaint; said until it is read.
    Failure ``ledger.…``."""
    slips = desk.papers().turned_away(application, away.words)
    await desk.ledger.slips.queue(slips, application.number)
    desk.printing.wake()
    await tell(desk.ui, "refusal.printed", say("flows.not_possible"), say("flows.slip_comes"))

"""Money back for one sale: the clerk's script, from the sale on the screen to the slips."""

from __future__ import annotations

import logging

from pos_terminal.core.application import ApplicationState, Withdrawn
from pos_terminal.core.decision import Decision, with_policy
from pos_terminal.core.money import with_symbol
from pos_terminal.core.rules import card_match
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.sale import Sale, SaleState
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.ask_rules import ask_rules
from pos_terminal.flows.common.ask_supervisor import ask_supervisors
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.common.the_line import line_or_word
from pos_terminal.flows.common.turned_away import at_home_here, by_state
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.ask_wanted import ask_wanted
from pos_terminal.flows.refund.card_readers import reader_or_word
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.flows.refund.to_card import to_card
from pos_terminal.flows.refund.turn_away import print_refusal, turn_away
from pos_terminal.flows.refund.ways import WAYS
from pos_terminal.flows.trouble.report_debit import report_debit
from pos_terminal.ports import Application
from pos_terminal.ui.ask import large
from pos_terminal.ui.prompt import Cancelled

log = logging.getLogger(__name__)


async def give_back(desk: Desk, found: Found) -> None:
    """From the found sale to the receipt. Cancelled until the request is sealed, never after;
    MoreOfSale from the sale's screen."""
    with desk.authoriser.sale():
        await _give_back(desk, found)


async def _give_back(desk: Desk, found: Found) -> None:
    sale = desk.ledger.sales.by_key(found.sale_key)
    if sale is not None and desk.shop.home is not None:
        at_home_here(sale, desk.shop.home)
    if sale is not None and sale.state is SaleState.UNCONFIRMED:
        if found.by_gift:
            raise by_state(sale)
        await _not_confirmed(desk, sale)
        return
    if await get_ready(desk):
        sale = desk.ledger.sales.by_key(found.sale_key)
    wanted = await ask_wanted(desk, found, sale)
    decision = with_policy(ask_rules(desk, wanted), desk.shop.supervisor)
    application = await _apply(desk, wanted, decision)
    if found.instead_of is not None:
        await desk.ledger.applications.cancel(found.instead_of, Withdrawn.TAKEN_UP_AGAIN)
    if decision.refuses:
        await refuse(desk, application, decision)
        return
    try:
        await _carry_out(desk, application, wanted, decision)
    except Cancelled:
        if _is_open(desk, application):
            await desk.ledger.applications.cancel(application.number, Withdrawn.CLERK)
        raise
    except Failure as failure:
        await _end(desk, application, failure)
        raise


async def _not_confirmed(desk: Desk, sale: Sale) -> None:
    """Refused like any other (R67); what the clerk can do for the customer is on the same page."""
    away = by_state(sale)
    application = await turn_away(desk, away)
    if await report_debit(desk, sale, application) and application is not None:
        await print_refusal(desk, application, away)


async def _end(desk: Desk, application: Application, failure: Failure) -> None:
    """An application that can't go on ends with its cause; a sealed one is the ledger's affair."""
    if not _is_open(desk, application):
        return
    try:
        await desk.ledger.applications.cancel(application.number, failure.code)
    except Failure as second:
        # a ledger that can't be written: the next start cancels it
        log.warning("application %d stays open: %s", application.number, second)


def _is_open(desk: Desk, application: Application) -> bool:
    now = desk.ledger.applications.by_number(application.number)
    return now is not None and now.state is ApplicationState.OPEN


async def _apply(desk: Desk, wanted: Wanted, decision: Decision) -> Application:
    """Numbered and kept, refused ones too (R67)."""
    return await desk.ledger.applications.open(
        sale_key=wanted.sale.key,
        leg=wanted.tender.leg,
        kind=wanted.choice.kind,
        amount=wanted.amount,
        reason=wanted.reason.code,
        note=wanted.note,
        operator=desk.clerk.number,
        decisions=[decision],
        refused=decision.refuses,
        items=wanted.items,
        owed=wanted.owed,
    )


async def _carry_out(
    desk: Desk, application: Application, wanted: Wanted, decision: Decision
) -> None:
    needed = approvals_needed([decision], desk.shop.supervisor)
    if wanted.by_gift:  # whose money it was is not who stands here
        needed = max(needed, 1)
    foreseen = None
    if WAYS[application.kind] is to_card:
        foreseen = card_match.foreseen(wanted.tender.card)
        amount = large(say("flows.amount"), with_symbol(application.amount, wanted.sale.currency))
        await reader_or_word(desk, amount)
        await line_or_word(desk, amount)
    await ask_supervisors(desk, application, wanted.sale, needed, decision, foreseen=foreseen)
    await WAYS[application.kind](desk, application, wanted)

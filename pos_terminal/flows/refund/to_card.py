"""A card leg: the card, the rules that see it, the acquirer."""

from __future__ import annotations

from contextlib import suppress

from msgspec.structs import replace

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.decision import Decision, Supervision
from pos_terminal.core.money import with_symbol
from pos_terminal.core.rules import card_match
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.ask_rules import ask_rules
from pos_terminal.flows.common.ask_supervisor import ask_supervisors
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.the_line import line_or_word
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.pay_card import pay_card
from pos_terminal.flows.refund.present_card import TRIES, card_away, present_card
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.ports import Application, Payee
from pos_terminal.texts.domain import of_verdict
from pos_terminal.ui.ask import heading
from pos_terminal.ui.prompt import Cancelled


async def to_card(
    desk: Desk, application: Application, wanted: Wanted, *, more: bool = False
) -> None:
    """The acquirer authorises it, once the card of the purchase was presented."""
    card = await present_card(desk, application, wanted.sale, wanted.tender)
    if card is None:
        # no way to another tender is opened by it
        await _deny(desk, application, card_match.other_cards(TRIES), say("flows.no_other"))
        return
    decision = ask_rules(desk, wanted, card)
    if decision.refuses:
        await _deny(desk, application, decision)
    else:
        await go_to_card(desk, application, wanted, card, decision, more=more)


async def go_to_card(
    desk: Desk,
    application: Application,
    wanted: Wanted,
    card: Payee,
    decision: Decision,
    *,
    more: bool = False,
) -> None:
    """What the rules ask with the card, then the acquirer. ``more`` of its ticket follows."""
    if (left := _not_approved(desk, application, wanted, decision)).strictest is None:
        await _pay(desk, application, wanted, replace(card, decision=decision), more=more)
    else:
        await desk.ledger.applications.add_decision(application.number, decision, refused=False)
        needed = approvals_needed([left], Supervision.BY_RULE)
        amount = with_symbol(application.amount, wanted.sale.currency)
        await line_or_word(desk, heading(say("flows.amount"), amount))
        await ask_supervisors(desk, application, wanted.sale, needed, left)
        await pay_card(desk, application, wanted.sale, card, more=more)


def _not_approved(
    desk: Desk, application: Application, wanted: Wanted, decision: Decision
) -> Decision:
    """What is asked with the card, without what was foreseen and is approved already."""
    foreseen = card_match.foreseen(wanted.tender.card)
    if foreseen is None or not desk.ledger.applications.approvals(application.number):
        return decision
    told = (foreseen.rule, foreseen.against)
    left = (one for one in decision.verdicts if (one.rule, one.against) != told)
    return replace(decision, verdicts=tuple(left))


async def _pay(
    desk: Desk, application: Application, wanted: Wanted, card: Payee, *, more: bool
) -> None:
    """The seal stores what the rules answered with it: a commit of their own were a third barrier.

    Kept as well where nothing is sealed.
    """
    try:
        await pay_card(desk, application, wanted.sale, card, more=more)
    except (Failure, Cancelled):
        now = desk.ledger.applications.by_number(application.number)
        if card.decision is not None and now is not None and now.state is ApplicationState.OPEN:
            number = application.number
            with suppress(Failure):  # what ended it is what the clerk must know
                await desk.ledger.applications.add_decision(number, card.decision, refused=False)
        raise


async def _deny(desk: Desk, application: Application, decision: Decision, *more: Words) -> None:
    """Refused with the card at hand: kept as that, and told once the card is away (R28, R67)."""
    await desk.ledger.applications.add_decision(application.number, decision, refused=True)
    why = () if decision.strictest is None else (heading(of_verdict(decision.strictest)),)
    await card_away(desk, heading(say("flows.not_refunded")), *why)
    await refuse(desk, application, decision, *more)

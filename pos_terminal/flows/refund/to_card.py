"""A card leg: the card, the rules that see it, the acquirer."""

from __future__ import annotations

from pos_terminal.core.decision import Decision, Supervision
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.rules.card_match import other_cards
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.ask_rules import ask_rules
from pos_terminal.flows.common.ask_supervisor import ask_supervisors
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.pay_card import pay_card
from pos_terminal.flows.refund.present_card import TRIES, card_away, present_card
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.ports import Application, CardFacts


async def to_card(desk: Desk, application: Application, wanted: Wanted) -> None:
    """The acquirer authorises it, once the card of the purchase was presented."""
    card = await present_card(desk, application, wanted.sale, wanted.tender)
    if card is None:
        # no way to another tender is opened by it
        await _deny(desk, application, other_cards(TRIES), say("flows.no_other"))
    elif await _judge_card(desk, application, wanted, card):
        await pay_card(desk, application, wanted.sale, card)


async def _judge_card(
    desk: Desk, application: Application, wanted: Wanted, card: CardFacts
) -> bool:
    """Whether the rules that see the card let it go on, after a second approval if they ask."""
    decision = ask_rules(desk, wanted, card)
    if not decision.verdicts:
        return True
    if decision.refuses:
        await _deny(desk, application, decision)
        return False
    await desk.ledger.applications.add_decision(application.number, decision, refused=False)
    needed = approvals_needed([decision], Supervision.BY_RULE)
    await ask_supervisors(desk, application, wanted.sale, needed, decision)
    return True


async def _deny(desk: Desk, application: Application, decision: Decision, *more: Words) -> None:
    """Refused with the card at hand: kept as that, and told once the card is away (R28, R67)."""
    await desk.ledger.applications.add_decision(application.number, decision, refused=True)
    await card_away(desk)
    await refuse(desk, application, decision, *more)

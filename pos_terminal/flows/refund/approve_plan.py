"""One approval for all legs of a ticket (R35)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.money import with_symbol
from pos_terminal.core.rules import card_match
from pos_terminal.core.words import say
from pos_terminal.flows.common.ask_supervisor import ask_each, why_asked
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_name
from pos_terminal.flows.refund.card_readers import ready_or_word
from pos_terminal.flows.refund.going import Going
from pos_terminal.flows.refund.to_card import to_card
from pos_terminal.flows.refund.ways import WAYS
from pos_terminal.ui.ask import heading, large
from pos_terminal.ui.page import Line


async def approve_plan(desk: Desk, going: Sequence[Going], needed: int, digest: str) -> None:
    """``needed`` supervisors see each leg and the sum; each leg stores what they said, with the
    plan's ``digest``. From here on all of it is to do."""
    money = with_symbol(sum(one.wanted.amount for one in going), going[0].wanted.sale.currency)
    amount = large(say("flows.amount"), money)
    cards = [one for one in going if WAYS[one.application.kind] is to_card]
    if cards:
        await ready_or_word(desk, amount)
    foreseen = [card_match.foreseen(one.wanted.tender.card) for one in cards]
    asked, rule = why_asked([*(one.decision.strictest for one in going), *foreseen])
    several = len({one.wanted.sale.key for one in going}) > 1
    legs = [line for one in going for line in _leg(one, several=several)]
    what = (*asked, *legs, amount)
    approvals = await ask_each(
        desk, needed, what, {desk.clerk.number}, amount=0, rule=rule, plan=digest
    )
    numbers = [one.application.number for one in going]
    await desk.ledger.applications.approve_ticket(numbers, approvals)


def _leg(one: Going, *, several: bool) -> list[Line]:
    """With its sale where there are ``several``."""
    sale = one.wanted.sale
    name = leg_name(sale, one.wanted.tender)
    leg = heading(name, with_symbol(one.wanted.amount, sale.currency))
    return [Line(f"{sale.sold_at:%m-%d %H:%M}", sale.number), leg] if several else [leg]

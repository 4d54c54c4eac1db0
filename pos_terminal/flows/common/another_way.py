"""What of a payment may go back another way, and the key that leads there (R34)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.refund import Refund, State
from pos_terminal.core.rules import card_refused, leg_refused
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.tenders import Past, Way, past_of, ways
from pos_terminal.flows.common.desk import Desk

FORM_RULES: Final = frozenset({card_refused.RULE.name, leg_refused.RULE.name})
"""Whose texts send to the manual form."""


class AnotherWay(Exception):
    """The key for the manual form was pressed where a text leads to it: of this sale and payment,
    with what was asked for by the application that came to nothing."""

    def __init__(self, application: int) -> None:
        super().__init__()
        self.application = application


def past_here(desk: Desk, sale: Sale, leg: Tender, *, by_gift: bool = False) -> Past:
    """What the ledger has of it, also of its card in other sales."""
    card, refused = leg.card, False
    if card is not None and card.token is not None:
        refused = desk.ledger.refunds.card_refused(card.token, card.par)
    refunds = desk.ledger.refunds.of_sale(sale.key)
    codes = desk.shop.form_codes
    return past_of(refunds, leg.leg, codes, refused_card=refused, by_gift=by_gift)


def ways_of(desk: Desk, sale: Sale, leg: Tender, *, by_gift: bool = False) -> tuple[Way, ...]:
    """None where nothing is left of it."""
    if leg.remaining <= 0:
        return ()
    past = past_here(desk, sale, leg, by_gift=by_gift)
    return ways(desk.shop.tenders, leg.kind, past)


def leads_to_form(desk: Desk, refund: Refund) -> bool:
    """Whether what the acquirer answered leads to its form."""
    return refund.state is State.DECLINED and refund.response in desk.shop.form_codes

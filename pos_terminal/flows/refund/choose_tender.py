"""Which leg of the sale is given back, asked where more than one could be (R34)."""

from __future__ import annotations

from pos_terminal.core.money import format_amount
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_line
from pos_terminal.flows.common.turned_away import unfit
from pos_terminal.ui.ask import choose
from pos_terminal.ui.page import Page


async def choose_tender(desk: Desk, sale: Sale) -> Tender:
    """The leg to give back: the same tender as the sale's, card before cash (R34, R35).

    Failure ``flows.original_channel``, ``flows.no_reference``, ``flows.card_not_compared``.
    """
    open_legs = [tender for tender in sale.tenders if tender.remaining > 0]
    legs = [t for t in open_legs if t.kind is TenderKind.CARD]
    if not legs:
        legs = [tender for tender in open_legs if tender.kind is TenderKind.CASH]
    if not legs:
        raise unfit(sale, Unfit.ORIGINAL_CHANNEL, left=format_amount(sale.remaining, sale.currency))
    place = 0
    if len(legs) > 1:
        options = [leg_line(sale, tender) for tender in legs]
        page = Page("refund.leg", say("flows.which_leg"), hint=say("ui.by_digit"))
        place = await choose(desk.ui, page, options, first=None)
    _check(desk, sale, legs[place])
    return legs[place]


def _check(desk: Desk, sale: Sale, leg: Tender) -> None:
    """Nothing goes to a card that the acquirer can't be asked about, or would not compare."""
    if leg.kind is not TenderKind.CARD:
        return
    lacks = () if leg.payment is None else leg.payment.lacks
    if lacks or leg.payment is None:
        missing = [say(f"flows.lacks_{one.value}") for one in lacks]
        raise unfit(sale, Unfit.NO_REFERENCE, missing, leg=leg.leg, lacks=" ".join(lacks))
    if leg.card is not None and leg.card.last_four_only and not desk.shop.checks_card:
        raise unfit(sale, Unfit.CARD_NOT_COMPARED, leg=leg.leg)

"""What can't be is known before anything is asked, and said first (R6, R8, R34)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pos_terminal.core.eligibility import Choice, Here, choose_kind
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.state import refusal
from pos_terminal.core.sale import Sale, SaleOrigin, Tender, TenderKind
from pos_terminal.core.ticket import ORDER
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.ask_rules import refused_anyway
from pos_terminal.flows.common.credit_stays import credit_stays
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.of_gift import told
from pos_terminal.flows.common.opened_money import opened_by
from pos_terminal.flows.common.turned_away import TurnedAway, by_state, unfit

_IN_ORDER: Final = (
    {TenderKind.CARD},
    {TenderKind.VOUCHER, TenderKind.POINTS},
    {TenderKind.WALLET, TenderKind.TRANSFER},
    {TenderKind.EXCHANGE},
    {TenderKind.CASH},
)
_LIMITS: Final[Mapping[str, Unfit]] = {
    "host.too_many_refunds": Unfit.TOO_MANY_REFUNDS,
    "host.too_old": Unfit.ACQUIRER_TOO_OLD,
}


def against_sale(desk: Desk, sale: Sale, *, by_gift: bool = False) -> TurnedAway | None:
    """Why nothing of it goes back here, whatever would be asked for; None where something may.
    ``by_gift``: as store credit for who has the gift receipt, which asks no acquirer."""
    if (away := _whole(desk, sale, by_gift=by_gift)) is not None:
        return away
    legs = legs_of(sale)
    if not legs:
        left = format_amount(sale.remaining, sale.currency)
        _, why = credit_stays(desk, sale)
        more = [] if why is None or by_gift else [why]
        return unfit(sale, Unfit.ORIGINAL_CHANNEL, more, left=left)
    against_one = against_holder if by_gift else against_leg
    against = [against_one(desk, sale, leg) for leg in legs]
    return against[0] if None not in against else None


def _whole(desk: Desk, sale: Sale, *, by_gift: bool) -> TurnedAway | None:
    """By what the sale is and has become, whatever paid for it."""
    if refusal(sale) is not None:
        return by_state(sale)
    if sale.origin is SaleOrigin.BLIND:
        return unfit(sale, Unfit.GIVEN_BLIND)
    if sale.currency != desk.shop.currency:
        return unfit(sale, Unfit.OTHER_CURRENCY, currency=sale.currency)
    if sale.is_dated_after(desk.clock.now()):
        return unfit(sale, Unfit.SOLD_IN_FUTURE, at=f"{sale.last_at:%Y-%m-%d %H:%M}")
    if sale.remaining <= 0:
        against = Unfit.IN_PROGRESS if sale.held else Unfit.NOTHING_LEFT
        if not by_gift and (opened := opened_by(desk, sale)).to_do + opened.under_way:
            against = Unfit.IN_PROGRESS
        if not by_gift and desk.ledger.exchange_credits.open_of(sale.key):
            against = Unfit.SET_ASIDE
        return unfit(sale, against, sold=sale.amount, done=sale.done)
    return None


def legs_of(sale: Sale) -> Sequence[Tender]:
    """Those of which something goes back here, in the order in which they are filled (R35)."""
    ways = {kind for kinds in _IN_ORDER for kind in kinds}
    open_legs = [one for one in sale.tenders if one.most > 0 and one.kind in ways]
    return sorted(open_legs, key=lambda one: ORDER[one.kind])


def alike_legs(sale: Sale) -> Sequence[Tender]:
    """Those of the kind that is filled first: nobody is asked about a card and the cash after
    it."""
    legs = legs_of(sale)
    first = next((kinds for kinds in _IN_ORDER if legs and legs[0].kind in kinds), set())
    return [leg for leg in legs if leg.kind in first]


def usable_legs(desk: Desk, sale: Sale) -> Sequence[Tender]:
    """Those against which nothing is known."""
    return [leg for leg in legs_of(sale) if against_leg(desk, sale, leg) is None]


def against_leg(desk: Desk, sale: Sale, leg: Tender) -> TurnedAway | None:
    """Why nothing of this payment goes back: by what is known of it, the acquirer, the rules."""
    if (away := _unknown(desk, sale, leg)) is not None:
        return away
    here = desk.here
    try:
        taken_as(desk, here, sale, leg, leg.most)
    except TurnedAway as away:
        return away
    verdict = refused_anyway(desk, here, sale, leg)
    return None if verdict is None else TurnedAway(verdict, sale)


def against_holder(desk: Desk, sale: Sale, leg: Tender) -> TurnedAway | None:
    """Why no store credit for a gift is taken from this payment; of the buyer's card or voucher
    nothing is told."""
    verdict = refused_anyway(desk, desk.here, sale, leg, by_gift=True)
    if verdict is None:
        return None
    away = TurnedAway(verdict, sale)
    return away if told(away.words, holder=True) == away.words else of_buyer(away, sale)


def of_buyer(away: TurnedAway, sale: Sale) -> TurnedAway:
    """The same, as who has no more than the gift receipt is told it."""
    hidden = unfit(sale, Unfit.BUYERS_OWN)
    hidden.doubt = away.words
    return hidden


def taken_as(
    desk: Desk, here: Here, sale: Sale, leg: Tender, amount: int, *, beside: int = 0
) -> Choice:
    """How it goes back. TurnedAway where the acquirer takes no such refund of this payment."""
    choice = choose_kind(sale, leg, amount, here, beside=beside)
    try:
        desk.authoriser.must_take(choice.kind, sale, leg.leg)
    except Failure as failure:
        if failure.code not in _LIMITS:
            raise
        raise unfit(sale, _LIMITS[failure.code], **failure.words.values) from None
    return choice


def beyond_acquirer(desk: Desk, sale: Sale, leg: Tender) -> bool:
    """Whether the acquirer takes no refund of this payment any more: too old, or too many."""
    try:
        desk.authoriser.must_take(Kind.REFUND, sale, leg.leg)
    except Failure as failure:
        return failure.code in _LIMITS
    return False


def _unknown(desk: Desk, sale: Sale, leg: Tender) -> TurnedAway | None:
    """Nothing goes to a card that the acquirer can't be asked about, or would not compare."""
    if leg.kind is not TenderKind.CARD:
        return None
    lacks = leg.lacks
    if lacks or leg.payment is None:
        missing = [say(f"flows.lacks_{one.value}") for one in lacks]
        return unfit(sale, Unfit.NO_REFERENCE, missing, leg=leg.leg, lacks=" ".join(lacks))
    if not _nobody_compares(desk, leg):
        return None
    if not by_reference_only(desk, leg):
        untyped = to_type(desk, leg)
        more = [*(say(f"flows.lacks_{one}") for one in untyped), say("flows.typed_whole")]
        more = more if untyped else []
        return unfit(sale, Unfit.CARD_NOT_COMPARED, more, leg=leg.leg)
    if choose_kind(sale, leg, leg.remaining, desk.here).kind is Kind.VOID:
        return unfit(sale, Unfit.CARD_NOT_COMPARED, leg=leg.leg)  # a void has the card
    return None


def to_type(desk: Desk, leg: Tender) -> Sequence[str]:
    """What nobody typed of a whole reference that it could go back by: nothing else leads to its
    card. By the names that their questions have."""
    paid = leg.payment
    if (
        paid is None
        or leg.kind is not TenderKind.CARD
        or not (leg.typed and desk.shop.by_reference)
    ):
        return []
    if leg.lacks or not _nobody_compares(desk, leg):
        return []
    return [*(one.value for one in paid.lacks), *([] if paid.auth_code else ["auth"])]


def _nobody_compares(desk: Desk, leg: Tender) -> bool:
    """Whether neither we nor the acquirer could tell the card of the purchase from another."""
    little = leg.card is not None and (leg.card.last_four_only or leg.card.unseen)
    return little and not desk.shop.checks_card


def by_reference_only(desk: Desk, leg: Tender) -> bool:
    """Whether it goes back to the account that paid and to no card (R29). No card is taken then:
    any would do. The reference is whole, and names one payment: a digit that was typed wrong in one
    of its numbers fits no other payment's rest, and the acquirer declines it."""
    whole = leg.payment is not None and leg.payment.whole
    return _nobody_compares(desk, leg) and desk.shop.by_reference and whole

"""What of a payment may go back another way, and the key that leads there (R34)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.eligibility import Because, Choice, over_cash_limit
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.said import TO_FORM as ANSWERS
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.tenders import Exceptional, Past, Way, acquirers_form, past_of, ways
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.cannot_be import against_leg, beyond_acquirer, legs_of
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.ports import InputEvent, Key, KeyPressed
from pos_terminal.texts import next_step
from pos_terminal.ui.page import Line, Page

TO_FORM: Final = frozenset(
    {
        *("rules.card_refused", "rules.leg_refused"),
        *("host.too_old_next", "host.too_many_refunds_next"),
        *(f"response.{one.value}_next" for one in ANSWERS),
    }
)
"""The texts that send the clerk to the manual form. Where one of them stands, one key leads there
(``tests/flows/test_texts_that_name_the_form.py``)."""


BY_FORM: Final = Choice(Kind.MANUAL, Because.EXCEPTION)


class AnotherWay(Exception):
    """The key for the manual form was pressed where a text leads to it: of this sale and payment,
    with what was asked for by the application that came to nothing."""

    def __init__(self, application: int) -> None:
        super().__init__()
        self.application = application


class FormOfSale(Exception):
    """The same before anything was asked for: only the sale is known."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self.found = found


def sends_to_form(*words: Words | None) -> bool:
    """Whether one of these, or what follows from it, names the manual form."""
    told = (one for each in words if each is not None for one in (each, next_step(each)))
    return any(one is not None and one.code in TO_FORM for one in told)


async def read_or_form(
    desk: Desk,
    name: str,
    title: Words,
    said: Sequence[Line | Words],
    *,
    cancellable: bool = True,
    more: bool = False,
    now: Callable[[], Sequence[Words]] = tuple,
) -> bool:
    """Until it was read. Where it names the form the menu key leads there, which is True. ``more``
    of the ticket follows. Beneath it stands what is so ``now``."""
    lines = tuple(one if isinstance(one, Line) else Line(one) for one in said)
    to_form = sends_to_form(*(one for one in said if isinstance(one, Words)))
    back = "tenders.form_hint_on" if more else "tenders.form_hint"
    hint = say(back if to_form else "ui.enter")

    def accept(event: InputEvent) -> bool | None:
        match event:
            case KeyPressed(Key.ENTER | Key.CANCEL):
                return False
            case KeyPressed(Key.MENU) if to_form:
                return True
            case _:
                return None

    def page() -> Page:
        return Page(name, title, (*lines, *map(Line, now())), hint=hint, alert=True)

    return await desk.ui.prompt(page, accept, fresh=True, cancellable=cancellable)


def past_here(desk: Desk, sale: Sale, leg: Tender, *, by_gift: bool = False) -> Past:
    """What the ledger has of it, also of its card or its reference in other sales."""
    card, before = leg.card, desk.ledger.refunds
    refused = bool(before.reference_refused(sale.key, leg.leg))
    if card is not None and card.token is not None:
        refused = refused or before.card_refused(card.token, card.par)
    refunds = before.of_sale(sale.key)
    codes = desk.shop.form_codes
    past = past_of(refunds, leg.leg, codes, refused_card=refused, by_gift=by_gift)
    past = replace(past, returned=came_back(desk, sale, leg))
    beyond = leg.kind is TenderKind.CARD and beyond_acquirer(desk, sale, leg)
    return replace(past, to_form=True) if beyond else past


def ways_of(desk: Desk, sale: Sale, leg: Tender, *, by_gift: bool = False) -> tuple[Way, ...]:
    """None where nothing is left of it. ``by_gift``: what came of the buyer's card or account is
    no way for who holds the gift receipt, nor for them to see."""
    if leg.most <= 0:
        return ()
    past = past_here(desk, sale, leg, by_gift=by_gift)
    found = ways(desk.shop.tenders, leg.kind, past)
    return tuple(one for one in found if not by_gift or one.exception is Exceptional.GIFT)


def came_back(desk: Desk, sale: Sale, leg: Tender) -> int:
    """What of it the account returned, and nobody gave again; minor units."""
    return sum(one.left for one in desk.ledger.sales.came_back(sale.key, leg.leg))


def within(desk: Desk, sale: Sale, leg: Tender, way: Way) -> Tender:
    """With no more left of it than what may go this way: what never came back from the account goes
    as it was paid."""
    if way.exception is not Exceptional.RETURNED:
        return leg
    most = min(leg.most, came_back(desk, sale, leg))
    return replace(leg, amount=leg.done + leg.held + most)


def leads_to_form(desk: Desk, refund: Refund) -> bool:
    """Whether what the acquirer answered leads to its form."""
    return refund.state is State.DECLINED and refund.response in desk.shop.form_codes


def form_legs(desk: Desk, sale: Sale) -> Sequence[Tender]:
    """Those to which nothing goes any more, and whose form is open."""
    found = []
    for leg in legs_of(sale):
        away = against_leg(desk, sale, leg)
        if away is not None and sends_to_form(away.words) and form_of(desk, sale, leg, sent=True):
            found.append(leg)
    return found


def form_of(desk: Desk, sale: Sale, leg: Tender, *, sent: bool = False) -> Way | None:
    """That by the form; the acquirer's decline says it, where the shop lists several. ``sent``
    there by a text: it is open whatever the ledger has of the payment."""
    forms = [one for one in ways_of(desk, sale, leg) if one.back is Kind.MANUAL]
    if sent:  # for other reasons than what came back, and for more
        forms = [one for one in forms if one.exception is not Exceptional.RETURNED]
    if sent and leg.remaining > 0 and not forms:
        forms = [acquirers_form(leg.kind)]
    declined = (one for one in forms if one.exception is Exceptional.DECLINED)
    return next(declined, forms[0] if forms else None)


def choice_of(desk: Desk, sale: Sale, way: Way, amount: int, *, beside: int = 0) -> Choice:
    """How it goes back; ``beside``: other cash of its ticket. Above the shop's limit cash is store
    credit here, too."""
    back = way.back
    if back is Kind.CASH and over_cash_limit(sale, amount + beside, desk.here.cash_limit):
        back = Kind.CREDIT
    return Choice(back, Because.EXCEPTION)

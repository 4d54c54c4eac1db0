"""The customer has no card with them: back by the payment's reference where the acquirer does that,
otherwise what the customer can do (R29)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import Funding, Sale, Tender
from pos_terminal.core.tenders import Exceptional
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.another_way import ways_of
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import which_leg
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.ports import Application, ByReference, CardArrived, InputEvent, Key, KeyPressed
from pos_terminal.ui.ask import heading, large
from pos_terminal.ui.page import Line, Page

_LOST: Final = frozenset({Exceptional.CARD_LOST, Exceptional.ACCOUNT_CLOSED})


async def card_absent(
    desk: Desk,
    application: Application,
    sale: Sale,
    tender: Tender,
    hear: Callable[[InputEvent], None],
) -> ByReference | None:
    """None: back to the card, which may have come meanwhile. ``hear`` is told what happens here."""
    against = _against(desk, application, sale, tender)
    page = (
        _ask(application, sale, tender) if against is None else _advice(desk, sale, tender, against)
    )

    def accept(event: InputEvent) -> bool | None:
        hear(event)
        match event:
            case KeyPressed(Key.ENTER):
                return against is None
            case CardArrived():
                return False
            case _:
                return None

    with BackHere():
        if await desk.ui.prompt(page, accept, fresh=True):
            return _account(tender)
    return None


async def without_any_card(
    desk: Desk,
    application: Application,
    sale: Sale,
    tender: Tender,
    hear: Callable[[InputEvent], None],
) -> ByReference:
    """The same of a payment of which nothing tells the card (``by_reference_only``): none is asked
    for. Failure ``host.no_reference_refund`` where it can't be; cancel gives it up."""
    if _against(desk, application, sale, tender) is not None:
        raise Failure("host.no_reference_refund")
    page = _ask(application, sale, tender)
    lines = (*page.lines, Line(say("flows.absent_no_card")))
    page = replace(page, lines=lines, hint=say("flows.absent_only_hint"))

    def accept(event: InputEvent) -> bool | None:
        hear(event)
        return True if event == KeyPressed(Key.ENTER) else None

    await desk.ui.prompt(page, accept, fresh=True)
    return _account(tender)


def _account(tender: Tender) -> ByReference:
    card = tender.card
    return ByReference(
        scheme="" if card is None else card.scheme,
        funding=Funding.UNKNOWN if card is None else card.funding,
        token=None if card is None else card.token,
        par=None if card is None else card.par,
    )


def _against(desk: Desk, application: Application, sale: Sale, tender: Tender) -> Words | None:
    """Why the acquirer can't be asked without the card."""
    if not desk.shop.by_reference:
        return say("flows.absent_not_here")
    if application.kind is not Kind.REFUND:
        return say("flows.absent_void")
    if tender.payment is None or not tender.payment.whole:
        return say("flows.absent_no_reference")
    if desk.ledger.refunds.other_cards_only(sale.key, tender.leg):
        return say("rules.other_cards")  # a key later it would be refused for it
    return None


def _ask(application: Application, sale: Sale, tender: Tender) -> Page:
    lines = (
        heading(say("flows.absent_by_reference")),
        *which_leg(sale, tender),
        large(say("flows.amount"), with_symbol(application.amount, sale.currency)),
        Line(say("flows.absent_to_account")),
        Line(say("flows.absent_supervisor")),
    )
    return Page("card.absent", say("flows.absent"), lines, hint=say("flows.absent_hint"))


def _advice(desk: Desk, sale: Sale, tender: Tender, against: Words) -> Page:
    """What the customer can do, by the shop's list of exceptions, too (R34)."""
    listed = any(one.exception in _LOST for one in ways_of(desk, sale, tender))
    account = tender.card is not None and tender.card.par is not None
    lines = (
        heading(against),
        Line(say("flows.absent_come")),
        *([Line(say("flows.absent_account"))] if account else []),
        Line(say("flows.absent_exception" if listed else "flows.absent_lost")),
    )
    return Page("card.absent.none", say("flows.absent"), lines, hint=say("ui.enter"))

"""The customer inserts or taps the card of the sale; the first one wins (R27, R28)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from pos_terminal.core.card_match import Need, Presented, match_card, still_needed
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import CardMatch
from pos_terminal.core.sale import CardRef, Sale, Tender
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.cannot_be import by_reference_only
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_name
from pos_terminal.flows.common.presented import presented
from pos_terminal.flows.common.unless_cancelled import unless_cancelled
from pos_terminal.flows.refund.card_absent import card_absent, without_any_card
from pos_terminal.flows.refund.card_readers import CardReadersSeen
from pos_terminal.ports import (
    Application,
    CardArrived,
    CardFacts,
    CardLeft,
    InputEvent,
    Interface,
    Key,
    KeyPressed,
    Payee,
)
from pos_terminal.ui.ask import heading, large
from pos_terminal.ui.page import Line, Page
from pos_terminal.wire.card_dialogue import CardRead, Judge

TRIES = 3
_LEAST: Final = {
    "flows.absent_or_cancel": "flows.cancel_hint",
    "flows.absent_or_leaves": "flows.cancel_leaves",
}
"""Hints where there is room for one row: the menu key works all the same."""


class _NotHere(Exception):
    """The customer has no card with them."""


_Cards = tuple[CardRead, ...]
"""Who a card says it is, application by application."""


class _Lying(Struct):
    """What is known of the cards in the readers, each by its reader until it is taken away."""

    before: set[str]
    """There before anybody was asked; PC/SC lists a card for a while after it was taken away."""
    spent: set[str] = field(default_factory=set)
    """Was read: it must be taken away before its reader has another one."""
    wrong: dict[str, str] = field(default_factory=dict)
    """Was not the sale's: its token. A reader that was lost may come back with it."""

    def hear(self, event: InputEvent) -> None:
        if isinstance(event, CardLeft):
            self.spent.discard(event.reader)
            if not event.lost:
                self.before.discard(event.reader)
                self.wrong.pop(event.reader, None)

    def news(self, reader: str, token: str) -> bool:
        """Whether this wrong card is another one than the one that nobody has taken away."""
        known = self.wrong.get(reader)
        self.wrong[reader] = token
        return known != token


class CardLeg(Struct, frozen=True):
    """A leg that waits for its card."""

    application: Application
    sale: Sale
    tender: Tender


async def present_card(
    desk: Desk, application: Application, sale: Sale, tender: Tender
) -> Payee | None:
    """The card of the sale, read and matched, or the account by its reference; None after three
    others (``TRIES``)."""
    found = await present_one_of(desk, [CardLeg(application, sale, tender)])
    return None if found is None else found[1]


async def present_one_of(
    desk: Desk, legs: Sequence[CardLeg], hint: str = "flows.absent_or_cancel"
) -> tuple[CardLeg, Payee] | None:
    """A card of one of these legs, read and matched: it is asked for the first one's, and one that
    fits another takes that; or the first one's account by its reference. None after three that fit
    none (``TRIES``)."""
    trouble: Words | None = None
    tries = 0
    lying = _Lying(set(desk.readers.present()))
    first = legs[0]
    if by_reference_only(desk, first.tender):
        about = (first.application, first.sale, first.tender)
        return first, await without_any_card(desk, *about, lying.hear)
    legs = [leg for leg in legs if not by_reference_only(desk, leg.tender)]
    while True:
        page = partial(_page, desk, legs, trouble, CardReadersSeen(desk), hint)
        try:
            reader = await _wait_for_card(desk, page, lying)
        except _NotHere:
            payee = await card_absent(desk, first.application, first.sale, first.tender, lying.hear)
            if payee is not None:
                return first, payee
            continue
        lying.spent.add(reader)
        from_before = reader in lying.before
        try:
            cards = await _read(desk, reader, [leg.tender for leg in legs], lying)
        except Failure as failure:
            if not from_before or failure.code != "card.gone":
                trouble = failure.words
            continue
        found = _fitting(desk, legs, cards)
        if found is not None:
            return found
        desk.ui.beep()
        lying.before.discard(reader)
        if lying.news(reader, desk.tokens.token(cards[0].pan)) and not from_before:
            tries += 1
            numbers = " ".join(card.pan.masked for card in cards)
            await desk.ledger.journal.note(
                "wrong_card", {"application": legs[0].application.number, "card": numbers}
            )
        if tries == TRIES:
            return None
        trouble = say("flows.wrong_card_tries", left=TRIES - tries)


async def _wait_for_card(desk: Desk, page: Callable[[], Page], lying: _Lying) -> str:
    """The reader with a card in it that was not read yet. ``_NotHere`` by the menu key."""

    def accept(event: InputEvent) -> str | None:
        lying.hear(event)
        if isinstance(event, CardArrived) and event.reader in desk.readers.present():
            return event.reader
        if isinstance(event, KeyPressed) and event.key is Key.MENU:
            raise _NotHere
        return None

    desk.ui.show(page)
    for reader in desk.readers.present():
        if reader not in lying.spent:
            return reader
    return await desk.ui.prompt(page, accept)


async def _read(desk: Desk, reader: str, tenders: Sequence[Tender], lying: _Lying) -> _Cards:
    """Who the card is. Failure ``card.…``. Cancel works at once, also with a card that says
    nothing: its reading then ends behind, and the next one in that reader waits for it."""

    def judge(card: CardRead) -> Need:
        sold = [tender.card for tender in tenders if tender.card is not None]
        shown = presented(desk, card)
        needs = {still_needed(one, shown, checked=desk.shop.checks_card) for one in sold}
        return next((need for need in Need if need in needs), Need.ANOTHER)

    reading = asyncio.ensure_future(_in_turn(desk, reader, judge, desk.readings.get(reader)))
    desk.readings[reader] = reading

    def ended(_: asyncio.Future[_Cards]) -> None:
        """Nobody may be left to hear of a failure, and no card's number is kept."""
        if desk.readings.get(reader) is reading:
            del desk.readings[reader]
        if not reading.cancelled():
            reading.exception()

    reading.add_done_callback(ended)
    return await unless_cancelled(desk, _reading(), reading, lying.hear)


async def _in_turn(
    desk: Desk, reader: str, judge: Judge, before: asyncio.Future[_Cards] | None
) -> _Cards:
    if before is not None:
        await asyncio.wait({before})
    return await desk.read_card(reader, judge)


def _page(
    desk: Desk, legs: Sequence[CardLeg], trouble: Words | None, readers: CardReadersSeen, hint: str
) -> Page:
    application, sale, tender = legs[0].application, legs[0].sale, legs[0].tender
    masked = tender.card.masked if tender.card is not None and tender.card.masked else ""
    said, ask = readers.lines()
    lines = [
        *([heading(trouble)] if trouble is not None else []),
        *said,
        Line(say(f"flows.kind_{application.kind.value}"), masked),
        large(say("flows.amount"), with_symbol(application.amount, sale.currency)),
        *(_other(leg) for leg in legs[1:]),
        *([] if said else [Line("")]),
        ask,
    ]
    page = Page("card.present", say("flows.present_card"), tuple(lines), hint=say(hint))
    if desk.ui.overflow(page):  # on the least display what the customer is asked for comes first
        return replace(page, hint=say(_LEAST[hint]))
    return page


def _other(leg: CardLeg) -> Line:
    """Its card does as well."""
    name = leg_name(leg.sale, leg.tender)
    return Line(name, with_symbol(leg.application.amount, leg.sale.currency))


def _reading() -> Page:
    lines = (Line(say("flows.reading"), large=True),)
    hint = say("flows.cancel_hint")
    return Page("card.reading", say("flows.present_card"), lines, hint=hint)


def _fitting(
    desk: Desk, legs: Sequence[CardLeg], cards: Sequence[CardRead]
) -> tuple[CardLeg, CardFacts] | None:
    """The leg that it fits best; of equals the first in the plan."""
    fitting = [(leg, facts) for leg in legs if (facts := _matched(desk, leg.tender, cards))]
    order = list(CardMatch)
    return min(fitting, key=lambda one: order.index(one[1].match), default=None)


def _matched(desk: Desk, tender: Tender, cards: Sequence[CardRead]) -> CardFacts | None:
    """The application that is the sale's card, by its number where one has it."""
    if tender.card is None:
        return None
    found: dict[CardMatch, tuple[CardRead, Presented]] = {}
    for card in cards:
        shown = presented(desk, card)
        match = match_card(tender.card, shown, checked=desk.shop.checks_card)
        if match is not None:
            found.setdefault(match, (card, shown))
    if not found:
        return None
    match = min(found, key=list(CardMatch).index)
    card, shown = found[match]
    return CardFacts(
        pan=card.pan,
        expiry=card.expiry,
        sequence=card.sequence,
        interface=card.interface,
        scheme=card.scheme,
        funding=card.funding,
        token=shown.token,
        match=match,
        older_tokens=tuple(shown.older.values()),
        par=card.par or _of_the_sale(tender.card, match),
    )


def _of_the_sale(known: CardRef, match: CardMatch) -> str | None:
    """The account of a card that does not say it, where it surely is the sale's."""
    return known.par if match in (CardMatch.EXACT, CardMatch.PAR) else None


async def card_away(desk: Desk, *outcome: Line) -> None:
    """“Remove card” before printing, for a card that was inserted (R28), beneath what it has come
    to. A reader that went away has none."""

    def inserted() -> bool:
        cards = desk.readers.present().values()
        return any(card.interface is Interface.CONTACT for card in cards)

    def accept(event: InputEvent) -> bool | None:
        return True if isinstance(event, CardLeft) and not inserted() else None

    if inserted():
        page = _remove(desk, outcome)
        desk.ui.show(page)
        if inserted():
            await desk.ui.prompt(page, accept, cancellable=False)


def _remove(desk: Desk, outcome: tuple[Line, ...]) -> Page:
    """As much of the outcome as leaves in sight what the customer is asked for."""
    take = large(say("flows.take_card"))
    page = Page("card.remove", say("flows.remove_card"), (*outcome, take))
    return _remove(desk, outcome[:-1]) if outcome and desk.ui.overflow(page) else page

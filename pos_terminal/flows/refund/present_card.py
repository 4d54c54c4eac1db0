"""The customer inserts or taps the card of the sale; the first one wins (R27, R28)."""

from __future__ import annotations

import asyncio

from pos_terminal.core.card_match import Presented, match_card
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import CardMatch
from pos_terminal.core.sale import CardRef, Sale, Tender
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.unless_cancelled import unless_cancelled
from pos_terminal.ports import (
    Application,
    CardArrived,
    CardFacts,
    CardLeft,
    InputEvent,
    Interface,
)
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line, Page
from pos_terminal.wire.card_dialogue import CardRead

TRIES = 3


async def present_card(
    desk: Desk, application: Application, sale: Sale, tender: Tender
) -> CardFacts | None:
    """The card of the sale, read and matched; None after three others (``TRIES``)."""
    trouble: Words | None = None
    wrong = 0
    spent: set[str] = set()
    lying = set(desk.readers.present())
    """There before anybody was asked; PC/SC lists a card for a while after it was taken away."""
    while True:
        page = _page(application, sale, tender, trouble)
        reader = await _wait_for_card(desk, page, spent)
        spent.add(reader)
        try:
            card = await _read(desk, reader, spent)
        except Failure as failure:
            if reader not in lying or failure.code != "card.gone":
                trouble = failure.words
            continue
        finally:
            lying.discard(reader)
        facts = _matched(desk, tender, card)
        if facts is not None:
            return facts
        wrong += 1
        desk.ui.beep()
        await desk.ledger.journal.note(
            "wrong_card", {"application": application.number, "card": card.pan.masked}
        )
        if wrong == TRIES:
            return None
        trouble = say("flows.wrong_card_tries", left=TRIES - wrong)


async def _wait_for_card(desk: Desk, page: Page, spent: set[str]) -> str:
    """The reader with a card in it. One that was read already must be taken away first: its
    reader stays in ``spent`` until then."""

    def accept(event: InputEvent) -> str | None:
        match event:
            case CardLeft(reader):
                spent.discard(reader)
            case CardArrived(reader) if reader in desk.readers.present():
                return reader
        return None

    desk.ui.show(page)
    for reader in desk.readers.present():
        if reader not in spent:
            return reader
    return await desk.ui.prompt(page, accept)


async def _read(desk: Desk, reader: str, spent: set[str]) -> CardRead:
    """Who the card is. Failure ``card.…``. Cancel works at once, also with a card that says
    nothing: its reading then ends behind, and the next one in that reader waits for it."""

    def hear(event: InputEvent) -> None:
        if isinstance(event, CardLeft):
            spent.discard(event.reader)

    reading = asyncio.ensure_future(_in_turn(desk, reader, desk.readings.get(reader)))
    desk.readings[reader] = reading

    def ended(_: asyncio.Future[CardRead]) -> None:
        """Nobody may be left to hear of a failure, and no card's number is kept."""
        if desk.readings.get(reader) is reading:
            del desk.readings[reader]
        if not reading.cancelled():
            reading.exception()

    reading.add_done_callback(ended)
    return await unless_cancelled(desk, _reading(), reading, hear)


async def _in_turn(desk: Desk, reader: str, before: asyncio.Future[CardRead] | None) -> CardRead:
    if before is not None:
        await asyncio.wait({before})
    return await desk.read_card(reader)


def _page(application: Application, sale: Sale, tender: Tender, trouble: Words | None) -> Page:
    masked = tender.card.masked if tender.card is not None and tender.card.masked else ""
    lines = [heading(trouble)] if trouble is not None else []
    lines += [
        Line(say(f"flows.kind_{application.kind.value}"), masked),
        heading(say("flows.amount"), with_symbol(application.amount, sale.currency)),
        Line(""),
        Line(say("flows.insert_or_tap")),
    ]
    hint = say("flows.cancel_hint")
    return Page("card.present", say("flows.present_card"), tuple(lines), hint=hint)


def _reading() -> Page:
    lines = (Line(say("flows.reading")),)
    hint = say("flows.cancel_hint")
    return Page("card.reading", say("flows.present_card"), lines, hint=hint)


def _matched(desk: Desk, tender: Tender, card: CardRead) -> CardFacts | None:
    if tender.card is None:
        return None
    token = desk.tokens.token(card.pan)
    older = desk.tokens.older(card.pan)
    presented = Presented(card.pan, token, desk.tokens.key_id, card.par, older)
    match = match_card(tender.card, presented, checked=desk.shop.checks_card)
    if match is None:
        return None
    return CardFacts(
        pan=card.pan,
        expiry=card.expiry,
        sequence=card.sequence,
        interface=card.interface,
        scheme=card.scheme,
        funding=card.funding,
        token=token,
        match=match,
        older_tokens=tuple(older.values()),
        par=card.par or _of_the_sale(tender.card, match),
    )


def _of_the_sale(known: CardRef, match: CardMatch) -> str | None:
    """The account of a card that does not say it, where it surely is the sale's."""
    return known.par if match in (CardMatch.EXACT, CardMatch.PAR) else None


async def card_away(desk: Desk) -> None:
    """“Remove card” before printing, for a card that was inserted (R28). A reader that went away
    has none."""

    def inserted() -> bool:
        cards = desk.readers.present().values()
        return any(card.interface is Interface.CONTACT for card in cards)

    def accept(event: InputEvent) -> bool | None:
        return True if isinstance(event, CardLeft) and not inserted() else None

    if inserted():
        page = Page("card.remove", say("flows.remove_card"), (heading(say("flows.take_card")),))
        desk.ui.show(page)
        if inserted():
            await desk.ui.prompt(page, accept, cancellable=False)

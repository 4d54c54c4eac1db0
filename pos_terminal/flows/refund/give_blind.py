"""Goods without a receipt: whose they are, what they are, and store credit for them (R17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.application import Withdrawn
from pos_terminal.core.blind import (
    BroughtBack,
    NoReceipt,
    SoldBefore,
    customer_number,
    lowest_of,
    sale_of,
)
from pos_terminal.core.card_match import Presented
from pos_terminal.core.decision import with_policy
from pos_terminal.core.eligibility import Choice, choose_kind
from pos_terminal.core.goods_code import Codes, codes_for, is_goods
from pos_terminal.core.items import share_out, what_remains
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.normal import normal
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.sale import LineKind, Sale
from pos_terminal.core.ticket import PlannedLeg, plan_digest
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.ask_rules import ask_rules
from pos_terminal.flows.common.code_of_goods import is_paper, may_be_goods
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found_goods import with_found
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.common.secret_code import ask_text
from pos_terminal.flows.common.steps import BackHere, one_after_the_other
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.ask_reason import ask_reason
from pos_terminal.flows.refund.change_by_line import change_by_line
from pos_terminal.flows.refund.give_back import (
    GoodsByLine,
    carry_out_one,
    draft_of,
    ended_with,
    until_its_end,
)
from pos_terminal.flows.refund.going import Going
from pos_terminal.flows.refund.inspect_goods import ask_conditions
from pos_terminal.flows.refund.inspected import (
    Inspected,
    deducted_lines,
    inspected_of,
)
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.ports import Application, InputEvent, Key, KeyPressed, Scanned
from pos_terminal.texts.domain import of_choice
from pos_terminal.ui.ask import Entry, Typed, digits_or, heading, large, money_entry
from pos_terminal.ui.page import Line, Page

MOST_CHARACTERS: Final = 20
MOST_DIGITS: Final = 14
"""Of a code of goods that is typed: a GTIN-14."""
MOST_PIECES: Final = 99
MOST_KINDS: Final = 30
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TITLE: Final = say("flows.blind")


async def give_blind(desk: Desk, cards: Sequence[Presented]) -> None:
    """From the customer's number to the voucher. ``cards``: the numbers of the card that was shown
    and paid nothing here."""
    with desk.authoriser.sale():
        await get_ready(desk)
        asking = _Asking(desk, cards)
        steps = (asking.whose, asking.what, asking.how_found, asking.why)
        await one_after_the_other(desk.ui, *steps)
        before: Sequence[Application] = ()
        while True:
            try:
                await _carry_out(desk, asking.wanted(), before)
            except GoodsByLine as wish:
                before = wish.applications
                async with ended_with(desk, before):
                    await change_by_line(desk, [asking.inspected])
            else:
                return


async def _carry_out(desk: Desk, wanted: Wanted, instead_of: Sequence[Application]) -> None:
    """GoodsByLine where the menu key leads there."""
    decision = with_policy(ask_rules(desk, wanted), desk.shop.supervisor)
    draft = draft_of(desk, wanted, decision)
    assert wanted.no_receipt is not None  # noqa: S101 - it was put there
    application = await desk.ledger.open_blind(wanted.sale, draft, wanted.no_receipt)
    for before in instead_of:
        await desk.ledger.applications.cancel(before.number, Withdrawn.TAKEN_UP_AGAIN)
    sale = desk.ledger.sales.by_key(application.sale_key)
    assert sale is not None  # noqa: S101 - it is of this commit
    if decision.refuses:
        await refuse(desk, application, decision)
        return
    leg = PlannedLeg(sale.key, application.leg, application.kind, application.amount)
    digest = plan_digest([replace(leg, items=application.items)])
    going = Going(application, replace(wanted, sale=sale), decision)
    async with until_its_end(desk, application):
        await carry_out_one(desk, going, digest)


class _Asking:
    """One question a method, in the order in which they are asked."""

    def __init__(self, desk: Desk, cards: Sequence[Presented]) -> None:
        self._desk = desk
        self._cards = cards
        self._number = ""
        self._goods: list[BroughtBack] = []
        self._note = Typed()
        self._before: Inspected | None = None

    async def whose(self) -> None:
        """A telephone's or a member's number: only its token leaves this screen."""
        wrong: Words | None = None
        while True:
            lines = (Line(say("flows.blind_customer")),)
            page = Page("blind.customer", _TITLE, lines, hint=wrong)
            self._number = await ask_text(self._desk, page, MOST_CHARACTERS, self._number)
            number = customer_number(self._number)
            if number is not None and not self._are_goods(self._number):
                self._customer = self._desk.tokens.customer(number)
                return
            self._desk.ui.beep()
            wrong = say("flows.blind_no_number")

    async def what(self) -> None:
        """Scanned or typed one after the other; once more is one piece more."""
        said: Words | None = None
        while True:
            code = await self._next_code(said)
            said = None
            if not code:
                return
            with BackHere():
                said = await self._add(code)

    async def how_found(self) -> None:
        sale = self._sale
        self.inspected = inspected_of(sale, what_remains(sale), self._before, in_hand=True)
        self._before = self.inspected
        await ask_conditions(self._desk, self.inspected)

    async def why(self) -> None:
        self._reason = await ask_reason(self._desk, self._about, self._note, self.inspected)

    def _about(self) -> tuple[Line, ...]:
        amount = self._sale.amount - self.inspected.off()
        return (heading(of_choice(self._choice)), *deducted_lines(self.inspected, amount))

    async def _next_code(self, said: Words | None) -> Scanned | None:
        """None where that is all."""
        desk, currency = self._desk, self._desk.shop.currency
        while True:
            lines = [] if said is None else [heading(said)]
            lines += [
                Line(f"{one.name} ×{one.pieces}", format_amount(one.worth, currency))
                for one in self._goods
            ]
            if self._goods:
                worth = sum(one.worth for one in self._goods)
                lines.append(large(say("flows.amount"), with_symbol(worth, currency)))
            lines.append(Line(say("flows.blind_goods")))
            page = Page("blind.goods", _TITLE, tuple(lines), hint=say("flows.blind_goods_hint"))
            found = await digits_or(desk.ui, page, Entry(0, MOST_DIGITS), _code_or_menu)
            if found is Key.MENU:
                self._take_one_out()
                said = None
            elif isinstance(found, Scanned):
                return found
            elif found:
                return Scanned(str(found))
            elif self._goods:
                return None
            else:
                desk.ui.beep()

    def _take_one_out(self) -> None:
        if not self._goods:
            self._desk.ui.beep()
            return
        last = self._goods.pop()
        if last.pieces > 1:
            self._goods.append(replace(last, pieces=last.pieces - 1))

    async def _add(self, scanned: Scanned) -> Words | None:
        """One piece; what is against it, where something is."""
        code = normal(scanned.text)
        if not may_be_goods(code):
            return self._not_taken(say("flows.blind_no_goods"))
        place = next((n for n, one in enumerate(self._goods) if one.code == code), None)
        pieces = 1 if place is None else self._goods[place].pieces + 1
        if pieces > MOST_PIECES or (place is None and len(self._goods) >= MOST_KINDS):
            return self._not_taken(say("flows.blind_too_many"))
        if place is not None:
            self._goods[place] = replace(self._goods[place], pieces=pieces)
            return None
        codes = codes_for(code, self._desk.shop.scale_patterns, scanned.symbology)
        known = self._desk.ledger.sales.sold_before(codes.whole, self._since)
        if known is None and is_paper(self._desk, code):
            return self._not_taken(say("flows.blind_paper"))
        if (against := _against(self._desk, codes, known)) is not None:
            return self._not_taken(against)
        price = await self._price(code, known)
        self._goods.append(BroughtBack(code, 1, price, known))
        return None

    def _are_goods(self, number: str) -> bool:
        """Goods that were sold here: whoever they are scanned for would be counted as another."""
        code = normal(number)
        sold_before = self._desk.ledger.sales.sold_before
        return is_goods(code) and sold_before(codes_for(code, ()).whole, _EVER) is not None

    def _not_taken(self, why: Words) -> Words:
        self._desk.ui.beep()
        return why

    async def _price(self, code: str, known: SoldBefore | None) -> int:
        """Never above the lowest that was paid within the window, nor, of goods that nobody knows,
        above what the shop gives for such."""
        desk, currency = self._desk, self._desk.shop.currency
        lowest = None if known is None else known.lowest
        most = lowest if lowest is not None else (desk.shop.book.no_receipt or 0)
        at_most = "flows.blind_lowest" if lowest is not None else "flows.blind_unknown"
        lines = (
            Line(code if known is None else known.line.name),
            Line(say(at_most), with_symbol(most, currency)),
        )
        wrong: Words | None = None
        while True:
            told = () if wrong is None else (heading(wrong),)
            page = Page("blind.price", _TITLE, (*told, *lines), hint=amount_hint(currency))
            least = 0 if lowest is not None else 1
            typed = await digits_or(desk.ui, page, money_entry(least, currency), _nothing)
            price = int(typed) if typed else most
            if 0 < price <= most:
                return price
            desk.ui.beep()
            wrong = say("rules.zero") if not price else say("flows.blind_above")

    @property
    def _since(self) -> datetime:
        """When the window began in which goods can still go back."""
        days = self._desk.shop.book.refundable_days
        return _EVER if days is None else self._desk.clock.now() - timedelta(days=days)

    @property
    def _sale(self) -> Sale:
        shop = self._desk.shop
        return sale_of(
            self._goods,
            merchant_id=shop.merchant_id,
            terminal_id=shop.terminal_id,
            currency=shop.currency,
            at=shop.local(self._desk.clock.now()),
        )

    @property
    def _choice(self) -> Choice:
        sale = self._sale
        return choose_kind(sale, sale.tenders[0], sale.amount, self._desk.here)

    def wanted(self) -> Wanted:
        sale, choice = self._sale, self._choice
        card = self._cards[0] if self._cards else None
        shown = () if card is None else (card.token, *card.older.values())
        known = NoReceipt(self._customer, shown, lowest_of(self._goods))
        said = self.inspected.said
        off = {line: one.deduction for line, one in said.items() if one.deduction}
        amount = sale.amount - self.inspected.off()
        named = share_out(sale, what_remains(sale), amount, off)
        items = with_found(self._desk, sale, named, self._reason, said)
        tender = sale.tenders[0]
        return Wanted(
            sale,
            tender,
            amount,
            choice,
            self._reason,
            self._note.text,
            items,
            no_receipt=known,
        )


def _against(desk: Desk, codes: Codes, known: SoldBefore | None) -> Words | None:
    """Why such goods are not taken back without a receipt."""
    if codes.pieces or (known is not None and known.line.quantity % SCALE):
        return say("flows.blind_weighed")
    if known is None:
        return None
    if known.line.kind is not LineKind.GOODS or desk.shop.book.not_taken(known.line):
        return say("flows.blind_not_returnable", name=known.line.name)
    return say("flows.blind_for_nothing", name=known.line.name) if known.lowest == 0 else None


def _code_or_menu(event: InputEvent) -> Scanned | Key | None:
    match event:
        case Scanned():
            return event
        case KeyPressed(Key.MENU):
            return Key.MENU
        case _:
            return None


def _nothing(_: InputEvent) -> str | None:
    return None

"""A sale that this terminal does not know, typed from the customer's receipt (R7).

What the ledger has leads to its sale; what the till told without a reference is offered. Anything
else becomes a sale of its own, until a till tells of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.decision import Answer, Verdict
from pos_terminal.core.listed import ListedSale
from pos_terminal.core.money import with_symbol
from pos_terminal.core.normal import normal
from pos_terminal.core.rules.state import refusal
from pos_terminal.core.sale import Payment, Sale, SaleOrigin, Tender
from pos_terminal.core.typed import Typed as Told
from pos_terminal.core.typed import otherwise
from pos_terminal.core.unfit import RULE, Unfit
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.cannot_be import to_type
from pos_terminal.flows.common.choose_sale import choose_sale, payment_option, sale_option
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.get_ready import get_ready
from pos_terminal.flows.common.next_search import next_search
from pos_terminal.flows.common.steps import one_after_the_other
from pos_terminal.flows.common.turned_away import TurnedAway, terminal_at_home
from pos_terminal.flows.find.ask_day import ask_day
from pos_terminal.flows.find.find_by_rrn import ask_rrn
from pos_terminal.ports import CardArrived, InputEvent, ScanDropped, Scanned
from pos_terminal.ui.ask import (
    Entry,
    Remark,
    Typed,
    choose,
    confirm,
    digits_or,
    heading,
    large,
    money_entry,
)
from pos_terminal.ui.page import Line, Page

TERMINAL_CHARACTERS: Final = 8
TITLE: Final = say("flows.menu_typed")
_SCANNED: Final = re.compile(rf"[0-9A-Za-z]{{{TERMINAL_CHARACTERS}}}")
_DAY: Final = re.compile("[0-9]{8}")
"""YYYYMMDD."""


async def type_sale(desk: Desk) -> Found:
    """TurnedAway for a sale of another home, or of a day that is not kept."""
    await get_ready(desk)
    asking = _Asking(desk)
    try:
        await one_after_the_other(
            desk.ui,
            asking.terminal,
            asking.rrn,
            asking.date,
            asking.how_much,
            asking.known,
            asking.batch,
            asking.trace,
            asking.auth,
            asking.last4,
            asking.offered,
            asking.review,
        )
    except _Known as known:
        return await choose_sale(desk, known.sales)
    return await asking.store()


class _Known(Exception):
    """The ledger has what was typed."""

    def __init__(self, sales: Sequence[ListedSale]) -> None:
        super().__init__()
        self.sales = sales


class _Kept(Struct):
    """What was typed, where cancel left it."""

    terminal: Typed
    rrn: Typed
    amount: Typed
    batch: Typed
    trace: Typed
    auth: Typed
    last4: Typed


class _Before(Struct, frozen=True):
    """What was typed before, of which more must be known."""

    listed: ListedSale
    sale: Sale
    leg: Tender
    paid: Payment


class _Asking:
    """One question a method, in the order of the receipt."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._kept = _Kept(*(Typed() for _ in range(7)))
        self._it: tuple[int, int] | None = None
        """Sale and leg of the till's that it is."""
        self._before: ListedSale | None = None
        """One that was typed with this reference and day before."""
        self._more: _Before | None = None
        """The same, typed before, of which only what is missing is asked."""
        self._approvals = 1
        self._unasked: InputEvent | None = None
        """What was scanned last, or the card that came, where it was no answer."""

    async def terminal(self) -> None:
        own, wrong = self._desk.shop.terminal_id, False
        self._unasked = None
        while True:
            page = _page("typed.terminal", wrong=wrong, hint=say("flows.typed_own", terminal=own))
            entry = Entry(0, TERMINAL_CHARACTERS)
            found = await digits_or(
                self._desk.ui,
                page,
                entry,
                self._scanned_terminal,
                kept=self._kept.terminal,
            )
            if len(found) in (0, TERMINAL_CHARACTERS):
                break
            wrong = True
        self._kept.terminal.text = found
        self._terminal = found or own
        if self._desk.shop.home is not None:
            terminal_at_home(self._terminal, self._desk.shop.home)

    def _scanned_terminal(self, event: InputEvent) -> str | Remark | None:
        return self._scanned(event, _SCANNED) or self._no_answer(event)

    def _scanned(self, event: InputEvent, shape: re.Pattern[str]) -> str:
        """A code of this shape, unless it is a till's receipt; empty for all else."""
        code = event.text.strip() if isinstance(event, Scanned) else ""
        sales = self._desk.ledger.sales
        if not shape.fullmatch(code) or sales.by_receipt(normal(code)):
            return ""
        return "" if sales.by_gift(normal(code)) else code

    def _no_answer(self, event: InputEvent) -> Remark | None:
        """Nothing that was typed goes by a scan or a card that is no answer, unless the clerk means
        it and it comes again. Before anything is typed it begins the next search at once."""
        if any(getattr(self._kept, one).text for one in _Kept.__struct_fields__):
            match event:
                case ScanDropped(why):
                    return Remark(say(f"scan.{why.value}"))
                case CardArrived(reader) if reader not in self._desk.readers.present():
                    return None
                case Scanned() | CardArrived() if event != self._unasked:
                    self._unasked = event
                    return Remark(say("flows.typed_stays"))
        next_search(self._desk)(event)
        return None

    async def rrn(self) -> None:
        self._unasked = None
        kept = self._kept.rrn
        self._rrn = await ask_rrn(self._desk, "typed.rrn", TITLE, kept, self._no_answer)

    async def date(self) -> None:
        self._unasked = None
        self._on = await ask_day(
            self._desk,
            "typed.date",
            TITLE,
            other=lambda event: self._scanned(event, _DAY) or self._no_answer(event),
        )
        self._before = None
        if known := self._desk.ledger.sales.by_rrn(self._rrn, self._on):
            typed = known[0].origin is SaleOrigin.TYPED or self._to_complete(known[0])
            if len(known) > 1 or not typed:
                raise _Known(known)
            self._before = known[0]  # the till can't say what it is of; whoever has the slip can
            return
        days = self._desk.shop.sales_days
        if (self._desk.clock.now().date() - self._on).days > days:
            facts = {"days": days}
            verdict = Verdict(RULE, Answer.DENY, Unfit.NOT_KEPT, facts, facts)
            raise TurnedAway(verdict, given=f"{self._rrn} {self._on.isoformat()}")

    async def how_much(self) -> None:
        wrong: Words | None = None
        self._unasked = None
        while True:
            lines = () if wrong is None else (heading(wrong),)
            page = Page("typed.amount", TITLE, (*lines, Line(say("flows.typed_amount"))))
            entry = money_entry(1, self._desk.shop.currency)
            typed = await digits_or(
                self._desk.ui,
                page,
                entry,
                self._no_answer,
                kept=self._kept.amount,
            )
            self._amount = int(typed)
            if self._amount > 0:
                return
            wrong = say("rules.zero")

    async def known(self) -> None:
        """What is known, of that day or the next by another clock, leads to its sale; what was
        typed otherwise before is said, with what can be done about it. Of what was typed just so
        the rest is asked, where nothing goes back without it."""
        self._more = None
        told = Told(terminal_id=self._terminal, rrn=self._rrn, on=self._on, amount=self._amount)
        before = self._before
        if before is None:
            known = self._desk.ledger.sales.by_typed(told)
            if not known:
                return
            if len(known) > 1 or known[0].origin is not SaleOrigin.TYPED:
                raise _Known(known)
            before = known[0]
        more = self._to_complete(before)
        if more is not None and told.names(more.leg, self._desk.shop.zone):
            self._more = more
            return
        sale = self._desk.ledger.sales.by_key(before.key)
        differs = [] if sale is None else list(otherwise(told, sale))
        if sale is None or before.origin is not SaleOrigin.TYPED or not differs:
            raise _Known([before])
        given = "typed_given" if sale.done or sale.held else "typed_otherwise_next"
        lines = (
            heading(say("flows.typed_otherwise")),
            *(Line(say(f"flows.typed_was_{fact}"), f"{was} / {now}") for fact, was, now in differs),
            Line(say(f"flows.{given}")),
        )
        hint = say("flows.typed_otherwise_hint")
        await confirm(self._desk.ui, Page("typed.otherwise", TITLE, lines, hint=hint))
        raise _Known([before])

    def _to_complete(self, known: ListedSale) -> _Before | None:
        """Its payment that was typed with this reference, of which more must be known."""
        sale = self._desk.ledger.sales.by_key(known.key)
        if sale is None or refusal(sale) is not None or sale.held:
            return None
        for leg in sale.tenders:
            paid = leg.payment
            if paid is not None and paid.rrn == self._rrn and to_type(self._desk, leg):
                return _Before(known, sale, leg, paid)
        return None

    async def batch(self) -> None:
        self._batch = known = self._known_of("batch")
        if not known:
            self._batch = await self._number("batch", self._kept.batch, 6)

    async def trace(self) -> None:
        self._trace = known = self._known_of("trace")
        if not known:
            self._trace = await self._number("trace", self._kept.trace, 6)

    async def auth(self) -> None:
        """Only where a payment goes back by its whole reference (R29)."""
        self._auth = known = self._known_of("auth_code")
        if not known and self._desk.shop.by_reference:
            self._auth = await self._number("auth", self._kept.auth, 6, whole=True)

    async def last4(self) -> None:
        """Of what was typed before it would lead no further."""
        if self._more is None:
            self._last4 = await self._number("last4", self._kept.last4, 4, whole=True)
        else:
            card = self._more.leg.card
            self._last4 = "" if card is None else card.last_four

    def _known_of(self, fact: str) -> str:
        """As it was typed before."""
        return "" if self._more is None else str(getattr(self._more.paid, fact))

    async def _number(self, name: str, kept: Typed, most: int, *, whole: bool = False) -> str:
        """Of a receipt that has it; enter alone goes on without. Zeros in front may be missing."""
        wrong, letters = False, name == "auth"
        shape = re.compile(rf"[0-9{'A-Z' if letters else ''}]{{{most}}}")
        self._unasked = None

        def other(event: InputEvent) -> str | Remark | None:
            return self._scanned(event, shape) or self._no_answer(event)

        while True:
            page = _page(f"typed.{name}", wrong=wrong, hint=say("flows.typed_skip"))
            if letters:
                page = replace(page, lines=(Line(say("flows.letters")), *page.lines))
            entry = Entry(0, most, letters=letters)
            typed = await digits_or(self._desk.ui, page, entry, other, kept=kept)
            kept.text = typed
            if not whole or len(typed) in (0, most):
                return typed.zfill(most) if typed.strip("0") or (whole and typed) else ""
            wrong = True

    async def offered(self) -> None:
        """What the till told without a reference may be it, and what has this reference with
        another day: typed wrong, it would be paid once more. Nobody else than people can say."""
        if self._more is not None:
            before = self._more.paid
            self._it, self._approvals = None, self._more.leg.typed
            if (self._batch, self._trace, self._auth) == (
                *(before.batch, before.trace, before.auth_code),
            ):
                raise _Known([self._more.listed])
            return
        sales = self._desk.ledger.sales
        known, legs = sales.by_reference(self._rrn), sales.perhaps(self._told())
        self._it, self._approvals = None, 1
        if not (known or legs):
            return
        options = [
            *(sale_option(sale, self._desk) for sale in known),
            *map(payment_option, legs),
            Line(say("flows.typed_none")),
        ]
        asked = (heading(say("flows.typed_other_day" if known else "flows.typed_offered")),)
        page = Page("typed.offered", TITLE, asked, hint=say("ui.by_digit"))
        picked = await choose(self._desk.ui, page, options, first=None)
        if picked < len(known):
            raise _Known([known[picked]])
        picked -= len(known)
        if picked < len(legs):
            self._it = legs[picked].sale.key, legs[picked].leg.leg
        else:
            self._approvals = 2

    async def review(self) -> None:
        told, currency = self._told(), self._desk.shop.currency
        facts = (
            ("typed_terminal", told.terminal_id),
            ("typed_rrn", told.rrn),
            ("typed_date", told.on.isoformat()),
            ("typed_batch", told.batch),
            ("typed_trace", told.trace),
            ("typed_auth", told.auth_code),
            ("typed_last4", told.last4),
        )
        lines = [Line(say(f"flows.{name}"), fact) for name, fact in facts if fact]
        amount = large(say("flows.amount"), with_symbol(told.amount, currency))
        asked = [heading(say("rules.none_of_them"))] if self._approvals > 1 else []
        hint = say("flows.typed_hint")
        await confirm(
            self._desk.ui,
            Page("typed.review", TITLE, (*asked, *lines, amount), hint=hint),
        )

    def _told(self) -> Told:
        return Told(
            terminal_id=self._terminal,
            rrn=self._rrn,
            on=self._on,
            amount=self._amount,
            batch=self._batch,
            trace=self._trace,
            auth_code=self._auth,
            last4=self._last4,
        )

    async def store(self) -> Found:
        """What has the reference from now on."""
        desk, told, more = self._desk, self._told(), self._more
        if more is not None:
            await desk.ledger.type_missing(more.sale.key, more.leg.leg, told, desk.clerk.number)
            return Found(more.sale.key)
        if self._it is not None:
            sale_key, leg = self._it
            await desk.ledger.type_reference(sale_key, leg, told, desk.clerk.number)
            return Found(sale_key)
        shop, now = desk.shop, desk.clock.now()
        sale = told.sale(shop.local(now), shop.merchant_id, shop.currency, self._approvals)
        try:
            return Found(await desk.ledger.type_sale(sale, desk.clerk.number))
        except Failure as failure:
            # somebody told of it while it was typed: that is the sale
            if failure.code == "ledger.typed_known" and (found := desk.ledger.sales.by_typed(told)):
                return await choose_sale(desk, found)
            raise


def _page(name: str, *, wrong: bool, hint: Words) -> Page:
    """A question of the receipt's; ``wrong``: too few digits were typed."""
    text = say(f"flows.{name.replace('.', '_')}")
    lines = (Line(text), *([Line(say("flows.too_short"))] if wrong else []))
    return Page(name, TITLE, lines, hint=hint)

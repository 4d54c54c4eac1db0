"""Exchange (换货): goods come back, others of the same worth go out, and no money (R37)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.blind import SoldBefore
from pos_terminal.core.eligibility import Because, Choice
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.goods_code import codes_for, lines_of
from pos_terminal.core.items import can_be_chosen, share_out, worths_of
from pos_terminal.core.money import format_amount
from pos_terminal.core.normal import normal
from pos_terminal.core.quantity import SCALE, format_quantity
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.sale import Sale
from pos_terminal.core.scan_goods import Chosen
from pos_terminal.core.serials import has_serials
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.ask_supervisor import ask_supervisors
from pos_terminal.flows.common.code_of_goods import is_paper, may_be_goods
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.found_goods import NOTHING_SAID, with_found, with_serials
from pos_terminal.flows.common.steps import BackHere, Step, one_after_the_other
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.ask_reason import ask_reason
from pos_terminal.flows.refund.choose_lines import choose_lines
from pos_terminal.flows.refund.give_back import apply, until_its_end
from pos_terminal.flows.refund.inspect_goods import ask_conditions, say_defective
from pos_terminal.flows.refund.inspected import Inspected, inspected_of
from pos_terminal.flows.refund.plan import decide
from pos_terminal.flows.refund.ready_sale import ready_sale
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.flows.refund.show_result import show_result
from pos_terminal.ports import InputEvent, Result, Scanned
from pos_terminal.ui.ask import Entry, Typed, digits, digits_or, heading, money_entry, tell
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

_MOST_DIGITS: Final = 14
"""Of a code that is typed: a GTIN-14."""
_TITLE: Final = say("exchange.title")
EVEN: Final = Choice(Kind.EXCHANGE, Because.EXCHANGE)


def can_exchange(sale: Sale) -> bool:
    """Whether goods of it can be given in return for others."""
    return any(map(can_be_chosen, sale.goods))


async def exchange(desk: Desk, found: Found) -> None:
    """From the list of the sale's screen: which goods, why, what goes out for them. Cancel goes
    back by one question."""
    with desk.authoriser.sale():
        sale = await ready_sale(desk, found.sale_key, by_gift=found.by_gift)
        asking = _Asking(desk, sale)
        await one_after_the_other(desk.ui, *asking.questions())
        await _carry_out(desk, asking.wanted(), asking.out)


async def _carry_out(desk: Desk, wanted: Wanted, out: list[GivenOut]) -> None:
    """Who approves sees what goes out. Where nothing here knows what it is worth but the clerk,
    somebody always does."""
    decision = decide(desk, wanted)
    application = await apply(desk, wanted, decision)
    if decision.refuses:
        await refuse(desk, application, decision)
        return
    async with until_its_end(desk, application):
        typed = any(one.price is not None for one in out)
        needed = max(approvals_needed([decision], desk.shop.supervisor), int(typed))
        about = tuple(line for one in out for line in _out_lines(one, wanted.sale))
        await ask_supervisors(desk, application, wanted.sale, needed, decision, about=about)
        slips = desk.papers().exchange(application, out)
        refund = await desk.ledger.exchange(application.number, out, slips)
        desk.printing.wake()
        await show_result(desk, Result(refund, say("flows.done_exchange"), say("exchange.follow")))


def _out_lines(one: GivenOut, sale: Sale) -> tuple[Line, ...]:
    quantity = format_quantity(one.quantity)
    out = Line(say("exchange.out", name=one.name or one.code, quantity=quantity))
    if one.price is None:
        return (out,)
    return out, heading(say("exchange.price_typed"), format_amount(one.price, sale.currency))


class _Asking:
    """One question a method, in the order in which they are asked."""

    def __init__(self, desk: Desk, sale: Sale) -> None:
        if not can_exchange(sale):
            raise Failure("exchange.nothing")
        self._desk = desk
        self._sale = sale
        self._note = Typed()
        self._chosen = Chosen()
        self._back: dict[int, int] = {}
        self._inspected: Inspected | None = None
        self.out: list[GivenOut] = []

    def questions(self) -> Sequence[Step]:
        return (self.which_goods, self.how_found, self.why, self.what_goes_out)

    async def which_goods(self) -> None:
        """Not asked where there is but one piece."""
        goods = self._sale.goods
        free = [one for one in goods if can_be_chosen(one)]
        if len(free) == 1 and free[0].remaining == SCALE and not has_serials(free[0]):
            self._back = {free[0].line: SCALE}
            return
        of_goods = {one.line for one in goods}
        left = self._sale.remaining
        while True:
            chosen = await choose_lines(self._desk, self._sale, left, self._chosen)
            self._chosen, many = chosen, chosen.quantities
            self._back = {line: many[line] for line in many if line in of_goods}
            if self._back:
                return
            if not many:
                raise Cancelled
            self._desk.ui.beep()  # no fee is exchanged

    async def how_found(self) -> None:
        """As the shop wants it asked."""
        self._inspected = inspected_of(self._sale, self._back, self._inspected)
        say_defective(self._desk, self._inspected, self._chosen.defective)
        self._inspected.reason = None
        await ask_conditions(self._desk, self._inspected)

    async def why(self) -> None:
        """Goods that bring less than was paid for them are worth less than what would go out."""
        assert self._inspected is not None  # noqa: S101 - they were looked at before
        while True:
            self._reason = await ask_reason(self._desk, self._about, self._note, self._inspected)
            if not self._inspected.off():
                return
            await tell(self._desk.ui, "exchange.less", _TITLE, say("exchange.less"))

    def _about(self) -> tuple[Line, ...]:
        return tuple(map(self._line, self._back))

    async def what_goes_out(self) -> None:
        """Line by line; cancel leads to the one before."""
        lines, out = list(self._back), list[GivenOut]()
        while len(out) < len(lines):
            try:
                out.append(await self._one_out(lines[len(out)]))
            except LogOut:
                raise
            except Cancelled:
                if not out:
                    raise
                out.pop()
        self.out = out

    async def _one_out(self, number: int) -> GivenOut:
        """Scanned or typed, until it is worth as much."""
        wrong: Words | None = None
        worth = self._worths[number]
        while True:
            scanned = await self._scan(number, wrong)
            code = normal(scanned.text)
            line = self._sale.line(number)
            patterns = self._desk.shop.scale_patterns
            same = bool(lines_of([line], code, patterns, scanned.symbology))
            known = self._sold_since(scanned)
            if not may_be_goods(code) or not (same or known or not is_paper(self._desk, code)):
                wrong = say("exchange.no_goods")
                self._desk.ui.beep()
                continue
            of = line if same or known is None else known.line
            named = same or known is not None
            out = GivenOut(
                *(number, self._back[number], code),
                *((of.sku, of.name) if named else ()),
            )
            sold_at = None if known is None else known.lowest
            if same or (sold_at is not None and sold_at * out.quantity == worth * SCALE):
                return out
            wrong = None
            with BackHere():
                if await self._price(out) == worth:
                    return replace(out, price=worth)
                wrong = say("exchange.not_even")
                self._desk.ui.beep()

    async def _scan(self, number: int, wrong: Words | None) -> Scanned:
        told = () if wrong is None else (heading(wrong),)
        lines = (*told, self._line(number), Line(say("exchange.scan")))
        page = Page("goods.scan", _TITLE, lines, hint=say("exchange.scan_hint"))
        found = await digits_or(self._desk.ui, page, Entry(1, _MOST_DIGITS), _code)
        return found if isinstance(found, Scanned) else Scanned(str(found))

    def _sold_since(self, scanned: Scanned) -> SoldBefore | None:
        """What the ledger knows of it, and for how little it was sold since this sale."""
        desk = self._desk
        codes = codes_for(normal(scanned.text), desk.shop.scale_patterns, scanned.symbology)
        return desk.ledger.sales.sold_before(codes.whole, self._sale.sold_at)

    async def _price(self, out: GivenOut) -> int:
        """Of all of it."""
        currency = self._sale.currency
        what = f"{out.name or out.code} ×{format_quantity(out.quantity)}"
        lines = (Line(what), Line(say("exchange.price")))
        page = Page("exchange.price", _TITLE, lines, hint=amount_hint(currency))
        return int(await digits(self._desk.ui, page, money_entry(1, currency)))

    def _line(self, number: int) -> Line:
        """What comes back, and what was paid for it."""
        what = f"{self._sale.line(number).name} ×{format_quantity(self._back[number])}"
        return Line(what, format_amount(self._worths[number], self._sale.currency))

    @property
    def _worths(self) -> dict[int, int]:
        return worths_of(self._sale, self._back)

    def wanted(self) -> Wanted:
        """Of the first payment by card, or the first: what the acquirer has said of it counts."""
        sale, amount = self._sale, sum(self._worths.values())
        leg = next((one for one in sale.tenders if one.card is not None), sale.tenders[0])
        said = NOTHING_SAID if self._inspected is None else self._inspected.said
        named = share_out(sale, self._back, amount)
        found = with_found(self._desk, sale, named, self._reason, said)
        items = with_serials(found, self._chosen.serials)
        return Wanted(sale, leg, amount, EVEN, self._reason, self._note.text, items)


def _code(event: InputEvent) -> Scanned | None:
    return event if isinstance(event, Scanned) else None

"""Money back by another tender than it was paid with: a listed exception, what shows it, and
supervisors (R34, R75)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.decision import was_by_gift
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.items import name_items, named_by, share_out, still_owed
from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.tenders import Another, Way
from pos_terminal.core.ticket import fill, plan_digest
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.another_way import choice_of, ways_of, within
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.found_goods import with_found, with_pieces
from pos_terminal.flows.common.name_leg import leg_line, which_leg
from pos_terminal.flows.common.of_gift import to_holder
from pos_terminal.flows.common.steps import Step, one_after_the_other
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.ask_amount import Asked
from pos_terminal.flows.refund.ask_invoice import ask_invoice, ask_since
from pos_terminal.flows.refund.ask_reason import ask_reason
from pos_terminal.flows.refund.change_by_line import change_by_line
from pos_terminal.flows.refund.choose_way import choose_way, collect_evidence, its_form, way_line
from pos_terminal.flows.refund.gift import owed_to_holder
from pos_terminal.flows.refund.give_back import (
    GoodsByLine,
    apply,
    carry_out_one,
    carry_out_plan,
    ended_with,
    until_its_end,
)
from pos_terminal.flows.refund.going import Going
from pos_terminal.flows.refund.goods_of_amount import TypedAmount
from pos_terminal.flows.refund.how_much import how_much
from pos_terminal.flows.refund.inspect_goods import ask_conditions
from pos_terminal.flows.refund.inspected import (
    Inspected,
    deducted_lines,
    less_deductions,
)
from pos_terminal.flows.refund.plan import Plan, Request, decide, make_plan, planned
from pos_terminal.flows.refund.ready_sale import ready_sale
from pos_terminal.flows.refund.refuse import refuse
from pos_terminal.flows.refund.show_plan import show_fixed_plan
from pos_terminal.ports import Application
from pos_terminal.ui.ask import Typed, choose
from pos_terminal.ui.page import Line, Page


async def back_another_way(desk: Desk, found: Found) -> None:
    """From the list of the sale's screen: which payment, exception and way, how much, what shows
    it, why. Cancel goes back by one question."""
    with desk.authoriser.sale():
        sale = await ready_sale(desk, found.sale_key, by_gift=found.by_gift)
        asking = _Asking(desk, found, sale)
        await one_after_the_other(desk.ui, *asking.questions())
        if found.by_gift:
            plan = asking.plan()
            if plan.refused is None and plan.short:
                await show_fixed_plan(desk, plan)
            await carry_out_plan(desk, plan)
        else:
            await asking.carry_out()


async def form_after(desk: Desk, number: int) -> None:
    """By the key where a text leads to the form: what this application asked for, once more. Only
    evidence is asked for, where the shop wants it."""
    with desk.authoriser.sale():
        before = desk.ledger.applications.by_number(number)
        if before is None:
            raise Failure("tenders.none")
        by_gift = was_by_gift(desk.ledger.applications.decisions(number))
        sale = await ready_sale(desk, before.sale_key, by_gift=by_gift)
        before = desk.ledger.applications.by_number(number) or before  # a join moves it
        leg = sale.tender(before.leg)
        another = await its_form(desk, sale, leg) if leg.most >= before.amount else None
        if another is None:
            raise Failure("tenders.none")
        invoice = await ask_since(desk, sale.key, before.invoice, holder=to_holder(desk, before))
        choice = choice_of(desk, sale, another.way, before.amount)
        reason = desk.shop.reason(before.reason)
        wanted = Wanted(
            *(sale, leg, before.amount, choice, reason, before.note, before.items, before.owed),
            by_gift=by_gift,
            another=another,
            answered=before.goods_back,
            invoice=invoice,
        )
        await _carry_out(desk, wanted)


async def _carry_out(
    desk: Desk, wanted: Wanted, instead_of: Sequence[int] = (), *, goods_change: bool = False
) -> None:
    """GoodsByLine where the menu key leads there."""
    decision = decide(desk, wanted)
    application = await apply(desk, wanted, decision, instead_of)
    if decision.refuses:
        await refuse(desk, application, decision)
        return
    async with until_its_end(desk, application):
        digest = plan_digest([planned(wanted)])
        going = Going(application, wanted, decision)
        await carry_out_one(desk, going, digest, goods_change=goods_change)


class _Asking:
    """One question a method, in the order in which they are asked."""

    def __init__(self, desk: Desk, found: Found, sale: Sale) -> None:
        self._desk = desk
        self._found = found
        self._sale = owed_to_holder(sale) if found.by_gift else sale
        self._legs = [leg for leg in sale.tenders if self._ways(leg)]
        if not self._legs:
            raise Failure("tenders.none")
        if found.by_gift:  # most first: of as few as can be
            self._legs.sort(key=lambda leg: -leg.most)
        self._leg = self._legs[0]
        self._asked = Asked(found.by_gift, (self._leg.leg,))
        self._note = Typed()
        self._invoice: InvoiceBack | None = None
        self._invoice_no = Typed()
        self._looked: Inspected | None = None

    def questions(self) -> Sequence[Step]:
        of_leg: tuple[Step, ...] = (self.which_payment,)
        if self._found.by_gift or len(self._legs) < 2:  # by what was paid is the buyer's own affair
            of_leg = ()
        goods = (self.how_much, self.how_found)
        then = (self.what_shows_it, self.what_of_invoice, self.why)
        return (*of_leg, self.which_way, *goods, *then)

    def _ways(self, leg: Tender) -> tuple[Way, ...]:
        return ways_of(self._desk, self._sale, leg, by_gift=self._found.by_gift)

    async def which_payment(self) -> None:
        page = Page("refund.leg", say("flows.which_leg"), hint=say("ui.by_digit"))
        options = [leg_line(self._sale, leg) for leg in self._legs]
        self._leg = self._legs[await choose(self._desk.ui, page, options, first=None)]
        if self._asked.legs != (self._leg.leg,):
            self._asked = Asked(self._found.by_gift, (self._leg.leg,))

    async def which_way(self) -> None:
        """The exception and where it leads, as the shop lists them."""
        by_gift = self._found.by_gift
        self._way = await choose_way(self._desk, self._sale, self._leg, by_gift=by_gift)
        self._ways_there = {self._leg.leg: self._way}
        if by_gift:
            self._ways_there = {
                leg.leg: way
                for leg in self._legs
                for way in self._ways(leg)
                if way.back is self._way.back
            }
        legs = tuple(self._ways_there)
        if self._asked.legs != legs:
            self._asked = Asked(by_gift, legs)

    async def how_much(self) -> None:
        self._asked.choice = choice_of(self._desk, self._sale, self._way, self._left)
        self._asked.way = way_line(self._desk, self._way)
        legs = self._within
        self._looked = await how_much(self._desk, self._sale, legs, self._asked, self._looked)

    @property
    def _inspected(self) -> Inspected:
        assert self._looked is not None  # noqa: S101 - how much is asked first
        return self._looked

    async def how_found(self) -> None:
        self._inspected.reason = None
        await ask_conditions(self._desk, self._inspected)

    @property
    def _amount(self) -> int:
        """Less what is taken off."""
        return less_deductions(self._inspected, self._asked.amount, self._left)

    @property
    def _left(self) -> int:
        return sum(leg.most for leg in self._within)

    @property
    def _within(self) -> Sequence[Tender]:
        """No more of each payment than what may go its way."""
        ways = self._ways_there.items()
        return [within(self._desk, self._sale, self._sale.tender(leg), way) for leg, way in ways]

    async def what_shows_it(self) -> None:
        strictest = max(self._ways_there.values(), key=lambda way: way.evidence)
        self._basis = await collect_evidence(self._desk, self._sale, strictest)

    async def what_of_invoice(self) -> None:
        """By a gift receipt it goes to who holds that, whose affair it is not."""
        if not self._found.by_gift:
            self._invoice = await ask_invoice(self._desk, self._sale, self._invoice_no)

    async def why(self) -> None:
        legs = self._within
        typed = TypedAmount(self._desk, self._sale, legs, self._asked, self._inspected)
        self._reason = await ask_reason(
            *(self._desk, self._about, self._note, self._inspected), typed=typed
        )

    def _about(self) -> tuple[Line, ...]:
        goes = way_line(self._desk, self._way)
        leg = () if self._found.by_gift else which_leg(self._sale, self._leg)
        amount = Line(say("flows.amount"), with_symbol(self._amount, self._sale.currency))
        off = deducted_lines(self._inspected, self._amount)
        return (goes, *(off or (amount,)), *leg)

    async def carry_out(self) -> None:
        """Anew where the goods are changed line by line."""
        before: Sequence[Application] = ()
        while True:
            numbers = [one.number for one in before]
            try:
                await _carry_out(self._desk, self.wanted(), numbers, goods_change=True)
            except GoodsByLine as wish:
                before = wish.applications
                async with ended_with(self._desk, before):
                    await change_by_line(self._desk, [self._inspected])
                    self._invoice = await ask_since(self._desk, self._sale.key, self._invoice)
            else:
                return

    def plan(self) -> Plan:
        """For who has the gift receipt: of as many payments as it takes. Only the supervisors see
        how much is of which."""
        sale, asked = self._sale, self._asked
        legs = tuple(self._ways_there)
        request = Request(
            *(sale, legs, asked.amount, asked.chosen, self._reason, self._note.text),
            by_gift=True,
            said=self._inspected.said,
            serials=asked.serials,
            sorts=asked.sorts,
            answered=asked.answered,
        )
        parts = fill(request.amount, {leg: sale.tender(leg).most for leg in legs})
        return make_plan(
            self._desk,
            [request],
            {(sale.key, leg): part for leg, part in parts.items()},
            another={
                (sale.key, leg): Another(way, self._basis) for leg, way in self._ways_there.items()
            },
        )

    def wanted(self) -> Wanted:
        sale, leg, amount = self._sale, self._leg, self._amount
        said = self._inspected.said
        off = {line: one.deduction for line, one in said.items() if one.deduction}
        chosen = self._asked.chosen
        if off:
            chosen = chosen or named_by(sale, self._asked.amount)
        choice = choice_of(self._desk, sale, self._way, amount)
        named = name_items(sale, choice.kind, amount, chosen)
        named = share_out(sale, {one.line: one.quantity for one in named}, amount, off)
        found = with_found(self._desk, sale, named, self._reason, said)
        items = with_pieces(sale, found, self._asked.serials, self._asked.sorts)
        owed = still_owed(sale, leg.most, amount, chosen, off)
        return Wanted(
            *(sale, leg, amount, choice, self._reason, self._note.text, items, owed),
            by_gift=self._found.by_gift,
            another=Another(self._way, self._basis),
            answered=self._asked.answered,
            invoice=self._invoice,
        )

"""What is asked of the clerk alone: the sale, how much, which goods and why; then the plan."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from pos_terminal.core.eligibility import TO_HOLDER
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.money import format_amount
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.tenders import Another
from pos_terminal.core.ticket import fill
from pos_terminal.core.words import say
from pos_terminal.flows.common.another_way import BY_FORM, form_legs
from pos_terminal.flows.common.cannot_be import alike_legs, taken_as
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.name_leg import leg_name, which_leg
from pos_terminal.flows.common.steps import BackHere, Step, one_after_the_other
from pos_terminal.flows.find.show_sale import show_sale
from pos_terminal.flows.refund.ask_amount import Asked, left_of
from pos_terminal.flows.refund.ask_invoice import ask_invoice
from pos_terminal.flows.refund.ask_reason import ask_reason
from pos_terminal.flows.refund.choose_tender import choose_tender
from pos_terminal.flows.refund.choose_way import its_form
from pos_terminal.flows.refund.gift import back_to_buyer, for_holder, owed_to_holder
from pos_terminal.flows.refund.goods_of_amount import TypedAmount
from pos_terminal.flows.refund.how_much import how_much
from pos_terminal.flows.refund.inspect_goods import ask_conditions
from pos_terminal.flows.refund.inspected import (
    Inspected,
    deducted_lines,
    less_deductions,
)
from pos_terminal.flows.refund.one_payment import one_payment
from pos_terminal.flows.refund.plan import Leg, Plan, Request, make_plan
from pos_terminal.flows.refund.show_plan import show_fixed_plan, show_plan
from pos_terminal.texts.domain import of_choice
from pos_terminal.ui.ask import Typed, heading
from pos_terminal.ui.page import Line


async def ask_wanted(
    desk: Desk,
    found: Found,
    sale: Sale | None,
    *,
    several: bool = False,
    by_form: bool = False,
) -> Plan:
    """``several`` sales have their plan on the screen once they are together. ``by_form``: the sale
    was seen, and the key for the form pressed: only that is left for it.

    Cancel goes back by one question, and what was typed and chosen is kept; from the sale's
    screen it leads home. TurnedAway where nothing can go back."""
    asking = _Asking(desk, found, sale, several)
    if by_form and sale is not None:
        return await asking.rest(partial(asking.only_forms, sale))
    first: tuple[Step, ...] = (asking.see_its_only_payment,)
    if found.by_gift or (sale is not None and len(alike_legs(sale)) > 1):
        first = (asking.see_sale, asking.which_payment)
    return await asking.rest(*first)


class _Asking:
    """One question a method, in the order in which they are asked."""

    def __init__(self, desk: Desk, found: Found, sale: Sale | None, several: bool) -> None:
        self._desk = desk
        self._several = several
        self._found = found
        self._of_found = sale
        self._asked = self._nothing_asked()
        self._note = Typed()
        self._invoice: InvoiceBack | None = None
        self._invoice_no = Typed()
        self._looked: Inspected | None = None
        self._to_holder = False
        self._legs: Sequence[Tender] = ()
        self._forms: Sequence[Tender] = ()

    async def rest(self, *first: Step) -> Plan:
        """These questions, and those behind them."""
        goods = (self.how_much, self.how_found)
        then = (self.what_of_invoice, self.why, self.what_shows_it, self.see_plan)
        await one_after_the_other(self._desk.ui, *first, *goods, *then)
        return self.plan

    async def only_forms(self, sale: Sale) -> None:
        while (joined := await self._became_one(sale)) is not None:
            sale = joined
        self._sale = sale
        self._legs = self._forms = form_legs(self._desk, sale)
        self._asked = self._nothing_asked([leg.leg for leg in self._legs])
        self._asked.choice = BY_FORM

    def _nothing_asked(self, legs: Sequence[int] = ()) -> Asked:
        return Asked(by_gift=self._found.by_gift, legs=legs)

    async def see_sale(self) -> None:
        """Until it is known which sales are one (R7)."""
        while True:
            found, sale = self._found, self._of_found
            self._sale = await show_sale(self._desk, found, sale, several=self._several)
            with BackHere():
                if await self._became_one(self._sale) is None:
                    return

    async def _became_one(self, sale: Sale) -> Sale | None:
        """With another, which is asked about in its place from now on."""
        joined = await one_payment(self._desk, sale, by_gift=self._found.by_gift)
        if joined is not None:
            self._found, self._of_found = replace(self._found, sale_key=joined.key), joined
        return joined

    async def which_payment(self) -> None:
        if self._found.by_gift and not await back_to_buyer(self._desk):
            self._to_holder = True
            self._legs = for_holder(self._desk, self._sale)
            if not self._asked.choice:
                self._asked = self._nothing_asked([leg.leg for leg in self._legs])
                self._asked.choice = TO_HOLDER
            return
        self._to_holder = False
        self._legs = await choose_tender(self._desk, self._sale, by_gift=self._found.by_gift)
        forms = () if self._found.by_gift else form_legs(self._desk, self._sale)
        self._forms = [leg for leg in self._legs if leg in forms]
        numbers = [leg.leg for leg in self._legs]
        if self._asked.legs != numbers or self._asked.choice == TO_HOLDER:
            self._asked = self._nothing_asked(numbers)
        if self._hides_payments():
            self._asked.way = Line(say("flows.gift_buyer"))
        if self._legs == self._forms:
            self._asked.choice = BY_FORM

    async def see_its_only_payment(self) -> None:
        await self.see_sale()
        await self.which_payment()

    async def how_much(self) -> None:
        self._looked = await how_much(
            self._desk, self._theirs, self._legs, self._asked, self._looked
        )

    @property
    def _inspected(self) -> Inspected:
        assert self._looked is not None  # noqa: S101 - how much is asked first
        return self._looked

    async def how_found(self) -> None:
        self._inspected.reason = None
        await ask_conditions(self._desk, self._inspected)

    @property
    def _theirs(self) -> Sale:
        """With what is owed to who gets it back."""
        return owed_to_holder(self._sale) if self._to_holder else self._sale

    def _legs_of(self, amount: int) -> tuple[Line, ...]:
        """What the reason is asked for: the leg, whether it will be a void or a refund, and why
        (R10); of several each with its part."""
        sale, here = self._sale, self._desk.here
        parts = fill(amount, {leg.leg: leg.most for leg in self._legs})
        going = [leg for leg in self._legs if parts[leg.leg]]
        if self._to_holder:
            return (heading(of_choice(TO_HOLDER)),)
        if self._hides_payments():
            return (heading(say("flows.gift_buyer")),)
        if len(going) == 1:
            by_form = going[0] in self._forms
            choice = BY_FORM if by_form else taken_as(self._desk, here, sale, going[0], amount)
            leg = self._which(going[0])
            return (*leg, heading(of_choice(choice)))
        return tuple(
            Line(leg_name(sale, leg), format_amount(parts[leg.leg], sale.currency)) for leg in going
        )

    def _which(self, leg: Tender) -> tuple[Line, ...]:
        """Who has a gift is not told the card."""
        return () if self._found.by_gift else which_leg(self._sale, leg)

    def _hides_payments(self) -> bool:
        """Who has a gift is not told which of several payments it comes from, nor how much."""
        return self._found.by_gift and len(self._sale.tenders) > 1

    async def what_of_invoice(self) -> None:
        """Once for the sale. It is no affair of who has the gift receipt."""
        self._invoice = None
        if not self._to_holder:
            self._invoice = await ask_invoice(self._desk, self._sale, self._invoice_no)

    async def why(self) -> None:
        typed = TypedAmount(self._desk, self._theirs, self._legs, self._asked, self._inspected)
        self._reason = await ask_reason(
            *(self._desk, self._about, self._note, self._inspected), typed=typed
        )

    def _about(self) -> tuple[Line, ...]:
        """With what is taken off, where the clerk said so."""
        amount = less_deductions(self._inspected, self._asked.amount, left_of(self._legs))
        return (*self._legs_of(amount), *deducted_lines(self._inspected, amount))

    async def what_shows_it(self) -> None:
        """Of what only the form is left for, where the shop wants that."""
        self._another: dict[Leg, Another] = {}
        for leg in self._forms:
            if (another := await its_form(self._desk, self._sale, leg)) is not None:
                self._another[self._sale.key, leg.leg] = another

    async def see_plan(self) -> None:
        """One leg has its plan on the sale's screen and the supervisor's: not a key more (R35)."""
        asked = self._asked
        legs = tuple(leg.leg for leg in self._legs)
        note = self._note.text
        wanted = Request(
            *(self._theirs, legs, asked.amount, asked.chosen, self._reason, note),
            by_gift=self._found.by_gift,
            to_buyer=self._found.by_gift and not self._to_holder,
            said=self._inspected.said,
            serials=asked.serials,
            sorts=asked.sorts,
            answered=asked.answered,
            invoice=self._invoice,
        )
        self.plan = make_plan(self._desk, [wanted], another=self._another)
        if self.plan.refused is not None or self._several or not self.plan.must_be_seen:
            return
        if self._found.by_gift:
            if self._to_holder or self.plan.short:  # else it is the supervisor who sees it
                await show_fixed_plan(self._desk, self.plan)
        else:
            plan = await show_plan(self._desk, self.plan)
            assert isinstance(plan, Plan)  # noqa: S101 - nothing is added to one sale
            self.plan = plan

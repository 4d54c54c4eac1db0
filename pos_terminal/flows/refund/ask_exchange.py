"""What the clerk is asked of an exchange: which goods, how they are, why, what goes out (R37)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from pos_terminal.core.decision import Decision
from pos_terminal.core.eligibility import FOR_TILL, Because, Choice
from pos_terminal.core.exchange import GivenOut, worths_to_match
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.items import brings, can_be_chosen, share_out
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.book import approvals_needed
from pos_terminal.core.sale import Sale, TenderKind
from pos_terminal.core.scan_goods import Chosen
from pos_terminal.core.serials import has_serials
from pos_terminal.core.sorts import sorts_of
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.cannot_be import usable_legs
from pos_terminal.flows.common.credentials import MenuKey
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found_goods import with_found, with_pieces
from pos_terminal.flows.common.steps import BackHere, Step
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.ask_invoice import ask_invoice
from pos_terminal.flows.refund.ask_reason import ask_reason
from pos_terminal.flows.refund.change_by_line import change_by_line
from pos_terminal.flows.refund.choose_lines import choose_lines, defect_softens
from pos_terminal.flows.refund.confirm_credit import confirm_credit
from pos_terminal.flows.refund.confirm_exchange import confirm_exchange
from pos_terminal.flows.refund.goods_out import Back, NotEven, ask_goods_out
from pos_terminal.flows.refund.inspect_goods import ask_conditions, say_defective
from pos_terminal.flows.refund.inspected import deducted_lines, inspected_of
from pos_terminal.flows.refund.plan import Plan, Request, decide, make_plan
from pos_terminal.ui.ask import Typed, heading
from pos_terminal.ui.page import Line
from pos_terminal.ui.prompt import Cancelled

EVEN = Choice(Kind.EXCHANGE, Because.EXCHANGE)


class AskExchange:
    """One question a method, in the order in which they are asked. It ends with what goes ``out``,
    or with the plan of a ``credit``. What comes back is ``in_hand``, or may never have come."""

    def __init__(self, desk: Desk, sale: Sale, *, in_hand: bool) -> None:
        if not can_exchange(desk, sale):
            raise Failure("exchange.nothing")
        self._desk = desk
        # what is owed for other goods that are back is theirs, and perhaps to do already
        self._sale = replace(sale, owed=0, owed_to_holder=0)
        self._in_hand = in_hand
        self._note = Typed()
        self._invoice_no = Typed()
        self._chosen = Chosen()
        self._quantities: dict[int, int] = {}
        self._inspected = inspected_of(sale, {})
        self.out: list[GivenOut] = []
        self.credit: Plan | None = None

    def questions(self) -> Sequence[Step]:
        return (self.which_goods, self.how_found, self.why, self.what_goes_out)

    async def which_goods(self) -> None:
        """Not asked where there is but one piece, which the till lets come back."""
        goods = self._sale.goods
        there = [one for one in goods if one.remaining > 0]
        one_piece = len(there) == 1 and there[0].remaining == SCALE
        if one_piece and can_be_chosen(there[0]) and not has_serials(there[0]):
            self._quantities = {there[0].line: SCALE}
            return
        of_goods = {one.line for one in goods}
        left = self._sale.remaining
        while True:
            chosen = await choose_lines(self._desk, self._sale, left, self._chosen, leaves=True)
            self._chosen, many = chosen, chosen.quantities
            self._quantities = {line: many[line] for line in many if line in of_goods}
            if self._quantities:
                return
            if not many:
                raise Cancelled
            self._desk.ui.beep()  # no fee is exchanged

    async def how_found(self) -> None:
        """As the shop wants it asked."""
        before = self._inspected
        in_hand = self._in_hand
        self._inspected = inspected_of(self._sale, self._quantities, before, in_hand=in_hand)
        say_defective(self._desk, self._inspected, self._chosen.defective)
        self._inspected.reason = None
        await ask_conditions(self._desk, self._inspected)

    async def why(self) -> None:
        self._reason = await ask_reason(self._desk, self._about, self._note, self._inspected)

    def _about(self) -> tuple[Line, ...]:
        worth = brings(self._sale, self._quantities)
        less = deducted_lines(self._inspected, worth - self._inspected.off())
        return (*map(self._back.shown, self._quantities), *less)

    async def change(self) -> None:
        """Line by line."""
        if not await self._are_for_credit() and not await self._sure():
            await self.what_goes_out()

    async def _are_for_credit(self) -> bool:
        """Changed line by line: goods that bring less from then on."""
        await change_by_line(self._desk, [self._inspected])
        return await self._bring_less()

    async def what_goes_out(self) -> None:
        """Or that it is an exchange credit."""
        self.credit = None
        if await self._bring_less():
            return
        while True:
            try:
                self.out = await ask_goods_out(self._desk, self._back)
            except NotEven as other:
                with BackHere():
                    await self._as_credit(*other.lines)
                    return
            else:
                if await self._sure():
                    return

    async def _bring_less(self) -> bool:
        """They are worth less than what would go out: a credit is all that there is."""
        if self._inspected.off():
            await self._as_credit(heading(say("exchange.less")))
        return self.credit is not None

    async def _sure(self) -> bool:
        """Where nobody approves it the clerk sees all of it once more; CANCEL is a no."""
        while True:
            wanted = self.even()
            decision = decide(self._desk, wanted)
            if decision.refuses or who_approve(self._desk, decision, self.out):
                return True
            try:
                with BackHere():
                    await confirm_exchange(self._desk, wanted, self.out)
                    return True
            except MenuKey:
                if await self._are_for_credit():
                    return True
            else:
                return False

    async def _as_credit(self, *why: Line) -> None:
        """Not for what never came: that is worth nothing at the till."""
        looked = self._inspected
        if any(looked.lacks(line, self._reason) for line in looked.lines):
            raise Failure("exchange.lacks")
        plan = self._plan(await ask_invoice(self._desk, self._sale, self._invoice_no))
        if plan.refused is None:
            await confirm_credit(self._desk, plan, *why)
        self.credit = plan

    def _plan(self, invoice: InvoiceBack | None) -> Plan:
        """Of all payments to which something can go back: what is left of it goes there."""
        sale = self._sale
        request = Request(
            sale,
            tuple(
                leg.leg
                for leg in usable_legs(self._desk, sale)
                if leg.kind is not TenderKind.EXCHANGE  # what a credit spent is not set aside again
            ),
            brings(sale, self._quantities),
            self._quantities,
            self._reason,
            self._note.text,
            said=self._inspected.said,
            serials=self._chosen.serials,
            sorts=self._chosen.sorts,
            invoice=invoice,
            instead=FOR_TILL,
        )
        return make_plan(self._desk, [request])

    @property
    def _back(self) -> Back:
        sale, many, chosen = self._sale, self._quantities, self._chosen
        sorts = {
            number: sorts_of(
                sale.line(number),
                quantity,
                chosen.sorts.get(number, ()),
                chosen.serials.get(number, ()),
            )
            for number, quantity in many.items()
        }
        return Back(sale, many, worths_to_match(sale, many), sorts)

    def even(self) -> Wanted:
        """Of the first payment by card, or the first: what the acquirer has said of it counts."""
        sale, worths = self._sale, self._back.worths
        amount = sum(worths.values())
        leg = next((one for one in sale.tenders if one.card is not None), sale.tenders[0])
        named = share_out(sale, self._quantities, amount)
        found = with_found(self._desk, sale, named, self._reason, self._inspected.said)
        items = with_pieces(sale, found, self._chosen.serials, self._chosen.sorts)
        note, out = self._note.text, tuple(self.out)
        return Wanted(sale, leg, amount, EVEN, self._reason, note, items, out=out)


def who_approve(desk: Desk, decision: Decision, out: Sequence[GivenOut]) -> int:
    """How many. Where nothing here knows what goes out is worth but the clerk, somebody always
    does."""
    typed = any(one.price is not None for one in out)
    return max(approvals_needed([decision], desk.shop.supervisor), int(typed))


def can_exchange(desk: Desk, sale: Sale) -> bool:
    """Whether goods of it can be given in return for others: defective ones always (R14)."""
    there = [one for one in sale.goods if one.remaining > 0]
    softens = bool(there) and defect_softens(desk, sale)
    return sale.remaining > 0 and (softens or any(map(can_be_chosen, there)))

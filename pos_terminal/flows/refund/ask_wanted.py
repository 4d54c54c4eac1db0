"""What is asked of the clerk alone: the sale, which payment, how much, which goods, and why."""

from __future__ import annotations

from pos_terminal.core.items import name_items, still_owed
from pos_terminal.core.sale import Sale
from pos_terminal.flows.common.cannot_be import legs_of, taken_as
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.name_leg import which_leg
from pos_terminal.flows.common.steps import Step, one_after_the_other
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.find.show_sale import show_sale
from pos_terminal.flows.refund.ask_amount import Asked, ask_amount
from pos_terminal.flows.refund.ask_reason import ask_reason
from pos_terminal.flows.refund.choose_tender import choose_tender
from pos_terminal.ui.ask import Typed


async def ask_wanted(desk: Desk, found: Found, sale: Sale | None) -> Wanted:
    """Cancel goes back by one question, and what was typed and chosen is kept; from the sale's
    screen it leads home. TurnedAway where nothing can go back."""
    asking = _Asking(desk, found, sale)
    first: tuple[Step, ...] = (asking.see_its_only_payment,)
    if sale is not None and len(legs_of(sale)) > 1:
        first = (asking.see_sale, asking.which_payment)
    await one_after_the_other(*first, asking.how_much, asking.why)
    return asking.wanted()


class _Asking:
    """One question a method, in the order in which they are asked."""

    def __init__(self, desk: Desk, found: Found, sale: Sale | None) -> None:
        self._desk = desk
        self._found = found
        self._of_found = sale
        self._asked = self._nothing_asked()
        self._note = Typed()

    def _nothing_asked(self, leg: int = -1) -> Asked:
        return Asked(leg, by_gift=self._found.by_gift)

    async def see_sale(self) -> None:
        self._sale = await show_sale(self._desk, self._found, self._of_found)

    async def which_payment(self) -> None:
        self._tender = await choose_tender(self._desk, self._sale, by_gift=self._found.by_gift)
        if self._asked.leg != self._tender.leg:
            self._asked = self._nothing_asked(self._tender.leg)

    async def see_its_only_payment(self) -> None:
        await self.see_sale()
        await self.which_payment()

    async def how_much(self) -> None:
        await ask_amount(self._desk, self._sale, self._tender, self._asked)
        here, amount = self._desk.here, self._asked.amount
        self._choice = taken_as(self._desk, here, self._sale, self._tender, amount)

    async def why(self) -> None:
        about = which_leg(self._sale, self._tender)
        self._reason = await ask_reason(self._desk, self._choice, self._note, about)

    def wanted(self) -> Wanted:
        sale, tender, asked = self._sale, self._tender, self._asked
        items = name_items(sale, self._choice.kind, asked.amount, asked.chosen)
        owed = still_owed(sale, tender, asked.amount, asked.chosen)
        return Wanted(
            *(sale, tender, asked.amount, self._choice, self._reason, self._note.text, items, owed),
            by_gift=self._found.by_gift,
        )

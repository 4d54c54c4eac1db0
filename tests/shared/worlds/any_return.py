"""A customer with a plan, at the keypad of the whole terminal: which goods, how much, for less, in
exchange. Whatever the terminal asks besides is answered; what it refuses is not given."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.clerk import SimClerk

from pos_terminal.core.people import Role

MOST_SCREENS: Final = 120
_WAITING: Final = ("wait", "reading", "connect", "starting")


@dataclass(frozen=True, slots=True)
class Return:
    """One visit of the customer."""

    goods: dict[int, int] = field(default_factory=dict)
    """Thousandths by the number of the line; none: an amount."""
    amount: int = 0
    """Typed; 0: what is proposed."""
    off: dict[int, int] = field(default_factory=dict)
    """What is deducted, by the number of the line."""
    leg: int = 0
    """Of the payments; 0: all of them."""
    exchange: bool = False
    """For the same goods."""
    credit: bool = False
    """Or for others at the till, which takes ``amount`` of it; the rest goes back."""
    says: int = 0
    """Of an amount that is typed first: no goods, these goods, nobody knows; 0: nothing."""


async def play(clerk: SimClerk, sale: SampleSale, wanted: Return) -> None:
    """From home to home."""
    await _to_home(clerk, sale, wanted, sale.receipt_no)
    for credit in clerk.site.ledger.exchange_credits.open_ones():
        some = min(wanted.amount, credit.left)
        if some:
            request = {"number": credit.number, "amount": some, "request": f"till/{credit.ticket}"}
            await clerk.site.terminal.verbs["redeem"](request)
        if some < credit.left:
            await _to_home(clerk, sale, wanted, credit.number)


async def _to_home(clerk: SimClerk, sale: SampleSale, wanted: Return, code: str) -> None:
    visit = _Visit(clerk, sale, wanted)
    clerk.scan(code)
    await clerk.leave("home")
    for _ in range(MOST_SCREENS):
        if clerk.prompt == "home":
            return
        await visit.answer()
    raise AssertionError(f"no end of {wanted}, at {clerk.prompt}:\n{clerk.text}")


class _Visit:
    def __init__(self, clerk: SimClerk, sale: SampleSale, wanted: Return) -> None:
        self._clerk = clerk
        self._sale = sale
        self._wanted = wanted
        kinds = ("goods",) if wanted.exchange else ("goods", "fee")
        lines = [n for n, one in enumerate(sale.lines, 1) if one.kind in kinds]
        self._to_choose = {line: wanted.goods[line] for line in lines if line in wanted.goods}
        self._to_deduct = {line: wanted.off[line] for line in lines if line in wanted.off}
        self._says = wanted.says
        self._line = 0
        self._asked_amount = False
        self._over = False
        """It goes home from here."""
        self._approvals = 0
        self._approver = clerk.site.shop.person(Role.SUPERVISOR)
        self._seen: list[tuple[str, str]] = []

    async def answer(self) -> None:
        """To what is on the screen; where nothing comes of it, away from there."""
        clerk = self._clerk
        prompt, text = clerk.prompt, clerk.text
        changed = asyncio.ensure_future(clerk.site.terminal.screen.changed())
        if prompt.endswith(_WAITING):
            await changed
            return
        self._seen.append((prompt, text))
        if self._seen.count((prompt, text)) > 3:  # it asks the same again and again
            self._over = True
        keys = ["cancel"] if self._over and not self._is_end(prompt) else self._keys(prompt)
        clerk.press(*keys)
        try:
            async with asyncio.timeout(30):
                await changed
                await asyncio.sleep(0.2)
        except TimeoutError:
            self._over = True

    def _is_end(self, prompt: str) -> bool:
        return prompt in ("result", "failure", "cash.hand_over", "ticket.left", "print.unsure")

    def _keys(self, prompt: str) -> list[str]:
        answers: dict[str, Callable[[], list[str]]] = {
            "sale": lambda: ["menu" if self._wanted.exchange else "enter"],
            "sale.more": lambda: ["5"],
            "refund.leg": self._leg,
            "refund.amount": self._amount,
            "refund.lines": self._lines,
            "refund.quantity": self._quantity,
            "refund.reason": self._reason,
            "goods.or_note": lambda: ["2"],
            "goods.lines": self._goods_lines,
            "goods.line": self._goods_line,
            "goods.deduct": lambda: ["1"],
            "goods.deduct_amount": self._deduct,
            "goods.back": self._back,
            "goods.condition": lambda: ["1"],
            "goods.refuse": lambda: ["2"],
            "invoice.ask": lambda: ["1"],
            "goods.scan": lambda: ["menu"] if self._wanted.credit else self._scan(),
            "exchange.credit": lambda: ["1"],
            "exchange.price": lambda: ["cancel"],
            "supervisor.number": self._supervisor,
            "supervisor.pin": self._pin,
            "print.unsure": lambda: ["1"],
        }
        return answers.get(prompt, lambda: ["enter"])()

    # --- what is wanted ------------------------------------------------------------------------

    def _leg(self) -> list[str]:
        legs = len(self._sale.tenders)
        return [str(self._wanted.leg or legs + 1)]

    def _amount(self) -> list[str]:
        if self._to_choose and not self._asked_amount and not self._says:
            self._asked_amount = True
            return ["menu"]
        self._asked_amount = True
        return [str(self._wanted.amount), "enter"] if self._wanted.amount else ["enter"]

    def _lines(self) -> list[str]:
        """The next one that is there, by its place on the screen."""
        while self._to_choose:
            self._line = min(self._to_choose)
            if digit := self._place_of(self._line):
                return [digit]
            del self._to_choose[self._line]  # there is none left
        return ["menu"]

    def _place_of(self, line: int) -> str | None:
        name = self._sale.lines[line - 1].name
        for row in self._clerk.text.splitlines():
            digit, _, option = row.lstrip("> ").partition(" ")
            if digit.isdecimal() and option.startswith(f"{name} "):
                return digit
        return None

    def _quantity(self) -> list[str]:
        """No more than remains."""
        shown = re.findall(r"×([\d.]+)$", self._clerk.text, re.MULTILINE)
        left = int(Decimal(shown[-1]) * 1_000)
        quantity = min(self._to_choose.pop(self._line, left), left)
        weighed = "quantity" in self._sale.lines[self._line - 1].told
        return [str(quantity if weighed else -(-quantity // 1_000)), "enter"]

    def _reason(self) -> list[str]:
        return ["menu"] if self._to_deduct or self._says else ["4"]

    def _back(self) -> list[str]:
        says, self._says = self._says, 0
        return [str(says)] if says else ["cancel"]

    def _goods_lines(self) -> list[str]:
        """Those whose goods bring less."""
        for line in sorted(self._to_deduct):
            if digit := self._place_of(line):
                self._line = line
                return [digit]
        self._to_deduct.clear()
        return ["menu"]

    def _goods_line(self) -> list[str]:
        """Where only goods of one line come back, it is theirs."""
        lines = [n for n in self._to_deduct if self._sale.lines[n - 1].name in self._clerk.text]
        if not lines:
            return ["menu"]
        self._line = lines[0]
        return ["3"]

    def _deduct(self) -> list[str]:
        """Too much is asked again; then nothing."""
        off = self._to_deduct.pop(self._line, 0)
        return ["clear"] * 9 + [str(off), "enter"] if off else ["cancel"]

    def _scan(self) -> list[str]:
        """For each line the same goods."""
        names = [one for one in self._sale.lines if one.name in self._clerk.text]
        self._clerk.scan(names[0].sku)
        return []

    # --- who answers for it --------------------------------------------------------------------

    def _supervisor(self) -> list[str]:
        """One after the other, where two are asked."""
        self._approvals += 1
        self._approver = self._clerk.site.shop.person(Role.SUPERVISOR, self._approvals % 2)
        return [self._approver.number, "enter"]

    def _pin(self) -> list[str]:
        return [self._approver.pin, "enter"]

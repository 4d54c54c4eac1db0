"""Another till: it sells for vouchers, points and gifts, and fetches the points that go back.

It redeems each voucher that pays, or tries twice to, or says that one paid which it never redeemed.
What it was answered, and fetched, is a book of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any, Final

from hw_sim.bench import identity
from hw_sim.bench.sample_sales import SampleLine, SampleSale, SampleTender
from hw_sim.proofs.simulation.later_sale import CreditBook, LaterSale
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.words import Failure

DAYS: Final = 0.55
"""Of the days with such a till."""
_PATIENCE: Final = 100
"""How often a record is told in the evening, until it is taken."""
_KINDS: Final = {
    "points": 25,
    "points, voucher and cash": 20,
    "a gift": 25,
}
_OURS: Final = "a voucher of ours"
"""Most often, once there is one."""
_MOST: Final = 10
"""Sales that it tells of; half of them before there is a voucher of ours."""


class CreditTill:
    """``work`` until cancelled; ``tell_the_rest`` when the faults are healed."""

    def __init__(self, site: Site, seed: int, counts: Counter[str]) -> None:
        self._site = site
        self._chance = Random(f"credit till {seed}")
        self.people = Random(f"people with credits {seed}")
        """What people do with such sales: a stream of its own."""
        self._counts = counts
        self.sells = self._chance.random() < DAYS
        """Whether it sells anything today."""
        self._pause = self._chance.choice([40.0, 100.0])
        self._number = 900
        self._redemptions = 0
        self._untold: list[LaterSale] = []
        self.book = site.credits = CreditBook()

    async def work(self) -> None:
        while self.sells:
            await asyncio.sleep(self._chance.expovariate(1 / self._pause))
            self.fetch_points()
            if len(self.book.told) < (_MOST if self._numbers() else _MOST // 2):
                await self._sell()
            await self.tell()

    async def tell_the_rest(self) -> None:
        for _ in range(_PATIENCE):
            await self.tell()
            if not self._untold:
                return
            await asyncio.sleep(1.0)
        self._site.objections.append("the till's sales are not taken")

    def fetch_points(self) -> None:
        """From the newest that it has on."""
        ledger = self._site.alive and self._site.alive.ledger
        if ledger:
            self._counts["till fetches points"] += self.book.fetch_points(ledger)

    # --- selling -------------------------------------------------------------------------------

    async def _sell(self) -> None:
        kind = self._chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        if self._numbers() and self._chance.random() < 0.8:
            kind = _OURS
        amount = 10 * self._chance.randint(100, 900)
        voucher = ""
        if kind == _OURS:
            paid = await self._pay_by_ours()
            if paid is None:
                return
            voucher, amount = paid
            tenders = [SampleTender("voucher", amount)]
        elif kind == "points":
            tenders = [SampleTender("points", amount)]
        elif kind == "a gift":
            more = [SampleTender("points", 200)] if self._chance.random() < 0.4 else []
            tenders = [SampleTender("cash", amount), *more]
        else:
            tenders = [
                *(SampleTender("points", amount // 2), SampleTender("voucher", amount // 4)),
                SampleTender("cash", amount - amount // 2 - amount // 4),
            ]
            voucher = "2900017"
        self._counts[f"till sells for {kind}"] += 1
        self.sell(kind, tenders, voucher=voucher, is_gift=kind == "a gift")

    def sell(
        self,
        about: str,
        tenders: Sequence[SampleTender],
        *,
        voucher: str = "",
        exchange: str = "",
        recovery: str = "",
        is_gift: bool = False,
        lines: tuple[SampleLine, ...] = (),
    ) -> LaterSale:
        """The terminal hears of it by and by, at the latest by ``tell_the_rest``."""
        sample = self._sample(about, tenders, lines)
        sold = LaterSale(
            *(sample, f"G{sample.number}" if is_gift else ""),
            voucher=voucher,
            exchange=exchange,
            recovery=recovery,
        )
        self._untold.append(sold)
        return sold

    def _sample(
        self, kind: str, tenders: Sequence[SampleTender], lines: tuple[SampleLine, ...]
    ) -> SampleSale:
        self._number += 1
        number, at = self._number, self._site.time.now().replace(microsecond=0)
        amount = sum(one.amount for one in tenders)
        return SampleSale(
            name=f"later-{number}",
            about=f"paid by {kind}",
            number=number,
            terminal_id=identity.OTHER_TERMINAL_ID,
            batch=identity.BATCH,
            trace=f"{number:06d}",
            auth_code="",
            sold_at=at - timedelta(hours=1),
            tenders=tuple(tenders),
            lines=lines or (SampleLine(f"LATER-{number}", "Later", 1, amount, ""),),
        )

    async def tell(self) -> None:
        """What the terminal has not heard of, as far as it answers."""
        for one in list(self._untold):
            answer = await self.ask("import-sales", {"lines": [one.line], "source": "till 2"})
            if answer is None or "report" not in answer:
                return
            if answer["report"]["problems"]:
                self._site.objections.append(f"till 2: {answer['report']['problems']}")
            if one in self._untold:  # else it was told meanwhile, too
                self._untold.remove(one)
                self.book.told.append(one)

    # --- vouchers ------------------------------------------------------------------------------

    def is_ours(self, one: LaterSale) -> bool:
        """Whether one of our vouchers paid it, or is said to have."""
        return one.sample.about.endswith(_OURS)

    def _numbers(self) -> list[str]:
        """Of the vouchers that there are, in the order in which they were issued: the numbers
        themselves are drawn."""
        ledger = self._site.alive and self._site.alive.ledger
        issued = "SELECT number FROM vouchers ORDER BY refund_id, issued_at"
        rows = ledger.db.execute(issued).fetchall() if ledger else []
        return [row["number"] for row in rows]

    async def _pay_by_ours(self) -> tuple[str, int] | None:
        """Number and amount of one that pays; None where there is none, or no answer."""
        numbers = self._numbers()
        if not numbers:
            return None
        number = self._chance.choice(numbers)
        seen = await self.ask("voucher", {"number": number})
        if seen is None or not seen["left"]:
            return None
        amount = self._chance.choice([seen["left"], self._chance.randint(1, seen["left"])])
        if self._chance.random() < 0.6:
            self._counts["till redeems nothing of what paid"] += 1
            return number, amount
        self._redemptions += 1
        request = {"number": number, "amount": amount, "request": f"till-2/{self._redemptions}"}
        done = await self._surely("redeem", request)
        if done is None:
            return None
        self.book.taken[number] += amount
        if self._chance.random() < 0.9:
            await self._redeem_twice(number, amount, request)
        return number, amount

    async def _redeem_twice(self, number: str, amount: int, request: dict[str, Any]) -> None:
        """The very same request takes nothing; another one no more than is left."""
        again = await self.ask("redeem", request)
        if again is not None and not again["again"]:
            self._site.objections.append(f"till 2: {number[-4:]} was redeemed twice by one request")
        other = request | {"request": f"{request['request']}-again"}
        self._counts["till redeems twice"] += 1
        if await self.ask("redeem", other) is not None:
            self.book.taken[number] += amount

    async def _surely(self, verb: str, request: dict[str, Any]) -> dict[str, Any] | None:
        """The very same again until it is answered; None where it is refused."""
        for _ in range(_PATIENCE):
            refused: list[Failure] = []
            answer = await self.ask(verb, request, refused.append)
            if answer is not None:
                return answer
            if refused and refused[0].code.startswith("voucher."):
                return None
            await asyncio.sleep(self._chance.expovariate(1 / 20))
        return None

    async def ask(
        self,
        verb: str,
        request: dict[str, Any],
        refused: Callable[[Failure], None] = lambda _: None,
    ) -> dict[str, Any] | None:
        """None where it was refused, or nobody answers."""
        terminal = self._site.terminal
        ask = terminal.verbs.get(verb)
        if ask is None:
            return None
        try:
            return await terminal.ask(lambda: ask(request))
        except Failure as failure:
            refused(failure)
            return None

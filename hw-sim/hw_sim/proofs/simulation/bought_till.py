"""A till that sells for what it took of exchange credits, with cash beside it perhaps, and tells of
these sales: all that was taken, less or more than that, or never; some it voids again (R37).

It knows what it was answered when it took of a credit, and what it sold for that.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from random import Random
from typing import Final

from hw_sim.bench.sample_sales import SampleLine, SampleTender
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.later_sale import BoughtBook, LaterSale, TakenBook
from hw_sim.proofs.simulation.site import Site

DAYS: Final = 0.1
"""Of the days: most of whoever wants other goods chooses them at the till, and comes back."""
_PAUSE: Final = 30.0
_PATIENCE: Final = 100
"""How often it asks in the evening, until it is answered."""
_NOBODY_KNOWS: Final = 1_000_000_000
_BY_CREDIT: Final = "an exchange credit"


class BoughtTill:
    """``work`` until cancelled; ``tell_the_rest`` when the faults are healed."""

    def __init__(
        self, site: Site, till: CreditTill, taken: TakenBook, chance: Random, counts: Counter[str]
    ) -> None:
        """``till``: which tells of its sales; ``taken``: what it was told to have taken."""
        self._site = site
        self._till = till
        self._taken = taken
        self._chance = chance
        self._counts = counts
        self._sold: Counter[str] = Counter()
        """Minor units of each credit for which goods went out, whether or not it tells of them."""
        self._voids: dict[str, float] = {}
        """Of which the terminal has not heard yet: when it voids them, on the loop's clock."""
        self.book = site.bought = BoughtBook()

    async def work(self) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(1 / _PAUSE))
            self._sells()
            await self._till.tell()
            await self._tells_voids(self._site.loop.time())

    async def tell_the_rest(self) -> None:
        """What it took last it sells for now; the till has told of all its sales."""
        self._sells()
        await self._till.tell_the_rest()
        for _ in range(_PATIENCE):
            await self._tells_voids(math.inf)
            if not self._voids:
                return
            await asyncio.sleep(1.0)
        self._site.objections.append("the till's voids are not taken")

    def told(self) -> list[LaterSale]:
        """Its sales that the terminal surely has."""
        return [one for one in self._till.book.told if one.exchange]

    def _sells(self) -> None:
        for number, taken in sorted(self._taken.taken.items()):
            amount = taken - self._sold[number]
            if amount <= 0:
                continue
            self._sold[number] = taken
            if self._chance.random() < 0.1:
                self._counts["till never tells what an exchange credit paid"] += 1
                continue
            self._sell(number, amount)

    def _sell(self, number: str, amount: int) -> None:
        told = self._chance.choice([amount] * 8 + [amount + 500, max(1, amount // 2)])
        tenders = [SampleTender("exchange", told)]
        if self._chance.random() < 0.4:
            tenders.append(SampleTender("cash", 10 * self._chance.randint(10, 300)))
        self._counts[f"till sells for {_BY_CREDIT}" + " and cash" * (len(tenders) > 1)] += 1
        lines = self._goods(sum(one.amount for one in tenders))
        sold = self._till.sell(_BY_CREDIT, tenders, exchange=number, lines=lines)
        if self._chance.random() < 0.2:
            self._counts["till voids what an exchange credit paid"] += 1
            self._voids[sold.sample.sale_id] = self._site.loop.time() + self._chance.expovariate(
                1 / 600
            )

    def _goods(self, amount: int) -> tuple[SampleLine, ...]:
        """Two lines where it is enough for them, so that a part can come back."""
        first = amount if amount < 100 else self._chance.randint(1, amount - 1)
        prices = [price for price in (first, amount - first) if price]
        return tuple(
            SampleLine(f"BOUGHT-{n}", f"Bought {n}", 1, price, "")
            for n, price in enumerate(prices, 1)
        )

    async def _tells_voids(self, until: float) -> None:
        """Once it has told of the sale, whether or not somebody has brought the goods back."""
        told = {one.sample.sale_id for one in self.told()}
        for one in [one for one, due in self._voids.items() if one in told and due <= until]:
            at = self._site.time.now().replace(microsecond=0).isoformat()
            record = {"kind": "sale_voided", "sale_id": one, "at": at}
            request = {"lines": [json.dumps(record)], "source": "till 2 voids"}
            answer = await self._till.ask("import-sales", request)
            if answer is None or "report" not in answer:
                return
            if answer["report"]["problems"]:
                self._site.objections.append(f"till 2: {answer['report']['problems']}")
            del self._voids[one]
            self.book.voided[one] = self._newest()

    def _newest(self) -> int:
        """The newest refund that there is."""
        ledger = self._site.alive and self._site.alive.ledger
        if not ledger:
            return _NOBODY_KNOWS
        return int(
            ledger.db.execute("SELECT coalesce(max(refund_id), 0) FROM refunds").fetchone()[0]
        )

"""The till issues invoices after the sale, by whatever it was paid, and tells of each (R69).

Some it told of before, that there is none; some it tells twice, or in both words in one file. The
terminal may be killed at the commit of it.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final

from hw_sim.bench.feed import feed_record
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.invoice_book import invoice_number, newest_refund
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.words import Failure
from pos_terminal.services.security.tokens import key_id

DAYS: Final = 0.4
"""Of the days: with a till that issues invoices after the sale."""
_PATIENCE: Final = 100
"""How often a record is told in the evening, until it is taken."""


class InvoiceTill:
    """``work`` until cancelled; ``tell_the_rest`` when the faults are healed."""

    def __init__(
        self, site: Site, chance: Random, counts: Counter[str], popular: Sequence[SampleSale]
    ) -> None:
        self._site = site
        self._chance = chance
        self._counts = counts
        self._pause = chance.choice([2.0, 10.0, 60.0])
        self._rest: list[SampleSale] = []
        if chance.random() < DAYS:
            self.issue([*popular, *chance.sample(site.shop.sales, len(site.shop.sales) // 2)])

    def issue(self, some: Sequence[SampleSale]) -> None:
        """The terminal hears of it by and by, at the latest by ``tell_the_rest``."""
        self._rest = list({one.sale_id: one for one in (*self._rest, *some)}.values())

    async def work(self) -> None:
        while self._rest:
            await asyncio.sleep(self._chance.expovariate(1 / self._pause))
            some = self._rest[: self._chance.choice([1, 5, 20, 60])]
            if self._chance.random() < 0.1:
                self._counts["killed while the till tells of invoices"] += 1
                self._site.terminal.moments.plan = self._chance.randint(0, 3)
            if await self._tell(some) and self._chance.random() < 0.3:
                self._counts["till tells of an invoice twice"] += 1
                await self._tell(some)

    async def tell_the_rest(self) -> None:
        for _ in range(_PATIENCE):
            if not self._rest or await self._tell(list(self._rest)):
                return
            await asyncio.sleep(1.0)
        self._site.objections.append("the till's invoices are not taken")

    async def _tell(self, some: Sequence[SampleSale]) -> bool:
        """Whether the terminal surely has these."""
        terminal, book = self._site.terminal, self._site.invoices
        verb = terminal.verbs.get("import-sales")
        if verb is None:
            return False
        book.told |= {one.sale_id for one in some}
        request = {"lines": [line for one in some for line in self._lines(one)], "source": "taxes"}
        try:
            answer = await terminal.ask(lambda: verb(request))
        except Failure:
            return False
        if answer is None or "report" not in answer or terminal.ledger is None:
            return False
        if answer["report"]["problems"]:
            self._site.objections.append(f"the till's invoice: {answer['report']['problems']}")
        for one in some:
            book.surely.setdefault(one.sale_id, newest_refund(terminal.ledger))
        self._counts["till tells of an invoice"] += len(some)
        self._rest = [one for one in self._rest if one not in some]
        return True

    def _lines(self, one: SampleSale) -> list[str]:
        """As it told of the sale in the morning, and what came of it since, in any order."""
        keys = self._site.shop.keys
        sale = feed_record(one, keys.token, key_id(keys.token_key))
        out = {"invoice": "issued"}
        if one.number % 3:
            out["invoice_no"] = invoice_number(one.number)
        records = [sale | out]
        if one.number % 2:
            records.insert(self._chance.randint(0, 1), sale | {"invoice": "none"})
        return [json.dumps(record) for record in records]

"""A stock system: it fetches what came back by the verb ``stock`` alone, and keeps its own book.

The terminal is killed while it asks; it forgets what it was answered, as after a crash of its own,
and asks for the same again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import Any, Final

from hw_sim.proofs.simulation.site import Site
from hw_sim.proofs.simulation.stock_book import StockBook

_PATIENCE: Final = 100
"""How often it asks in the evening, until it has all."""


class StockTill:
    """``work`` until cancelled; ``fetch_the_rest`` when the faults are healed."""

    def __init__(self, site: Site, chance: Random, counts: Counter[str]) -> None:
        self._site = site
        self._chance = chance
        self._counts = counts
        self._pause = chance.choice([30.0, 120.0, 600.0])
        self.book = site.stock = StockBook()

    async def work(self) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(1 / self._pause))
            await self._fetch()

    async def fetch_the_rest(self) -> None:
        for _ in range(_PATIENCE):
            if await self._fetch():
                return
            await asyncio.sleep(1.0)
        self._site.objections.append("the stock system gets no answer")

    async def _fetch(self) -> bool:
        """Page by page; whether it has all that there is."""
        while True:
            most = self._chance.choice([1, 2, 200])
            answer = await self._ask({"since": self.book.next, "most": most})
            if answer is None:
                return False
            if self._chance.random() < 0.2:
                self._counts["stock is fetched twice"] += 1
                continue
            self._keep(answer)
            if self.book.next >= answer["last"]:
                return True

    def _keep(self, answer: dict[str, Any]) -> None:
        rows = answer["movements"]
        if [one["n"] for one in rows] != list(range(self.book.next + 1, answer["next"] + 1)):
            self._site.objections.append(f"stock after {self.book.next} has gaps: {answer}")
        self.book.movements |= {one["n"]: one for one in rows}
        self.book.next = answer["next"]
        self._counts["stock movements fetched"] += len(rows)

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """None where nobody answers."""
        terminal = self._site.terminal
        verb = terminal.verbs.get("stock")
        return None if verb is None else await terminal.ask(lambda: verb(request))

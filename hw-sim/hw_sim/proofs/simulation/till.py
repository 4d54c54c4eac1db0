"""The till adjusts payments during the day; terminal and acquirer hear of it, each in its time.

The record comes before, between and after refunds, twice, late, the older one after the newer. The
acquirer hears of it by another way: before the terminal, or long after it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any, Final

from hw_sim.bench import identity
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.proofs.simulation.adjustment import Adjustment
from hw_sim.proofs.simulation.by_file import close_cases
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.case import CaseKind
from pos_terminal.core.words import Failure

DAYS: Final = 0.6
"""Of the days with a till that adjusts."""
_PATIENCE: Final = 100
"""How often a record is told in the evening, until it is taken."""
_RECENT: Final = 50


async def tell_terminal(site: Site, some: Sequence[Adjustment]) -> bool:
    """Whether it surely has these records of one file: killed, full or closed it may not."""
    terminal = site.terminal
    verb = terminal.verbs.get("import-sales")
    if verb is None:
        return False
    request = {"lines": [one.line for one in some], "source": "till"}
    try:
        answer = await terminal.ask(lambda: verb(request))
    except Failure:
        return False
    if answer is None or "report" not in answer:
        return False
    if answer["report"]["problems"]:
        site.objections.append(f"the till's record: {answer['report']['problems']}")
    return True


def tell_acquirer(site: Site, one: Adjustment) -> None:
    """Nothing where it does not know the payment: of a leg in cash."""
    if one.rrn is not None:
        site.acquirer.book.adjust(one.rrn, identity.MERCHANT_ID, one.total, one.at)


class Till:
    """``work`` until cancelled; ``tell_the_rest`` when the faults are healed."""

    def __init__(
        self, site: Site, chance: Random, counts: Counter[str], popular: Sequence[SampleSale]
    ) -> None:
        self._site = site
        self._chance = chance
        self._counts = counts
        self._popular = popular
        self._adjusts = chance.random() < DAYS
        self._pause = chance.choice([20.0, 60.0, 240.0])
        self._newest: dict[tuple[str, int], Adjustment] = {}
        self._terminals: dict[str, Adjustment] = {}
        """What the terminal has not surely taken yet."""
        self._acquirers: dict[str, Adjustment] = {}
        """The same of the acquirer."""
        self._telling: dict[asyncio.Task[None], None] = {}

    async def work(self) -> None:
        try:
            while self._adjusts:
                await asyncio.sleep(self._chance.expovariate(1 / self._pause))
                self._begin()
        finally:
            for one in self._telling:
                one.cancel()
            await asyncio.gather(*self._telling, return_exceptions=True)

    async def tell_the_rest(self) -> None:
        """To both sides, what they do not have yet."""
        for one in list(self._acquirers.values()):
            self._tell_the_acquirer(one)
        rest = list(self._terminals.values())
        for _ in range(_PATIENCE):
            if not rest or await self._taken(rest):
                return
            await asyncio.sleep(1.0)
        self._site.objections.append("the till's records are not taken")

    # --- an adjustment -------------------------------------------------------------------------

    def _begin(self) -> None:
        sale = self._sale()
        leg = self._chance.randint(1, len(sale.tenders))
        made = [self._adjust(sale, leg)]
        if self._chance.random() < 0.35:
            made.append(self._adjust(sale, leg))
        self._counts["till adjusts"] += len(made)
        for one in made:
            self._acquirers[one.reference] = one
            self._soon(self._acquirer_hears(one))
        self._terminals |= {one.reference: one for one in made}
        if self._chance.random() < 0.5:
            self._chance.shuffle(made)
            self._soon(self._terminal_hears(made))
        else:
            for one in made:
                self._soon(self._terminal_hears([one]))
        if self._chance.random() < 0.5:
            self._soon(self._people_close())

    def _soon(self, telling: Any) -> None:
        task = asyncio.ensure_future(telling)
        self._telling[task] = None
        task.add_done_callback(lambda done: self._telling.pop(done, None))

    def _sale(self) -> SampleSale:
        """Mostly one that somebody asks for, or of which something is back already."""
        kind = self._chance.random()
        if kind < 0.5:
            return self._chance.choice(self._popular)
        touched = self._touched()
        if kind < 0.8 and touched:
            return self._chance.choice(touched)
        return self._chance.choice(self._site.shop.sales)

    def _touched(self) -> list[SampleSale]:
        ledger = self._site.terminal.ledger
        if ledger is None:
            return []
        keys = {one.sale_key for one in ledger.refunds.recent(_RECENT)}
        own = {sale.sale_id for sale in map(ledger.sales.by_key, keys) if sale is not None}
        return [sample for sample in self._site.shop.sales if sample.sale_id in own]

    def _adjust(self, sale: SampleSale, leg: int) -> Adjustment:
        newest = self._newest.get((sale.sale_id, leg))
        total = self._total(sale, leg, newest)
        at = self._site.time.now().replace(microsecond=0)
        if newest is not None:
            at = max(at, newest.at + timedelta(seconds=1))
        made = Adjustment(sale, leg, total, at, f"A{len(self._site.adjustments) + 1}")
        self._site.adjustments.append(made)
        self._newest[sale.sale_id, leg] = made
        return made

    def _total(self, sale: SampleSale, leg: int, newest: Adjustment | None) -> int:
        """A tip, a correction, less than is back already, just that, the first total again."""
        first = sale.tenders[leg - 1].amount
        now, back = first if newest is None else newest.total, self._back(sale, leg)
        draw = self._chance
        kinds = {
            "tip": now + draw.randint(1, now // 5 + 1),
            "correction": draw.randint(now // 2, now),
            "below": draw.randint(0, back - 1) if back else draw.randint(0, now),
            "just that": back,
            "as first told": first,
            "nothing": 0,
        }
        return kinds[draw.choices(list(kinds), [35, 25, 20, 8, 10, 2])[0]]

    def _back(self, sale: SampleSale, leg: int) -> int:
        """What is given back or held of it, as the terminal's screen has it; minor units."""
        ledger = self._site.terminal.ledger
        known = None if ledger is None else ledger.sales.by_id(sale.sale_id)
        if known is None:
            return 0
        tender = known.tender(leg)
        return tender.done + tender.held

    # --- who hears of it -----------------------------------------------------------------------

    async def _away(self) -> None:
        """At once, in minutes, or in half an hour."""
        await asyncio.sleep(self._chance.uniform(0, self._chance.choice([2, 2, 60, 300, 1800])))

    async def _acquirer_hears(self, one: Adjustment) -> None:
        await self._away()
        self._tell_the_acquirer(one)

    def _tell_the_acquirer(self, one: Adjustment) -> None:
        tell_acquirer(self._site, one)
        self._acquirers.pop(one.reference, None)

    async def _terminal_hears(self, some: list[Adjustment]) -> None:
        """Until it surely has them; now and then once more."""
        await self._away()
        taken = await self._taken(some)
        while not taken:
            await asyncio.sleep(self._chance.expovariate(1 / 20))
            taken = await self._taken(some)
        if self._chance.random() < 0.3:
            self._counts["till tells it twice"] += 1
            await self._away()
            await self._taken(some)

    async def _taken(self, some: Sequence[Adjustment]) -> bool:
        taken = await tell_terminal(self._site, some)
        for one in some if taken else ():
            self._terminals.pop(one.reference, None)
        return taken

    async def _people_close(self) -> None:
        """Two supervisors close what the totals made cases of, and the sale goes on."""
        await asyncio.sleep(self._chance.expovariate(1 / 600))
        terminal = self._site.terminal
        if terminal.ledger is None:
            return
        try:
            closed = await terminal.ask(lambda: close_cases(self._site, CaseKind.ELSEWHERE))
        except Failure:
            return
        self._counts["cases closed"] += closed or 0

"""The till tells late of payments that a clerk has typed, or will type (R7).

Before, between and after refunds, alone or several in a file, twice, without their numbers first,
otherwise than they were, or never. The terminal may be killed at the commit of it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any, Final

from hw_sim.acquirer import records
from hw_sim.bench.feed import acquirer_record
from hw_sim.proofs.simulation.by_file import close_cases
from hw_sim.proofs.simulation.purchase import Purchase, Told, make_purchases
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.case import CaseKind
from pos_terminal.core.words import Failure
from pos_terminal.services.security.tokens import key_id

DAYS: Final = 0.5
"""Of the days: with payments of which the till tells late."""
_PATIENCE: Final = 100
"""How often a record is told in the evening, until it is taken."""
_LATER: Final = frozenset({"typed_open", "typed_for_another"})
"""What the terminal can't take before something else is over."""
Record = tuple[Purchase, Told]


def know_purchases(site: Site, some: Sequence[Purchase]) -> None:
    """They were paid: the acquirer has them."""
    known = [record for one in some for record in acquirer_record(one.sample)]
    site.acquirer.add_sales(records.parse_sales(known))
    site.purchases.extend(some)


async def tell_of(site: Site, some: Sequence[Record]) -> bool:
    """Whether the terminal surely has all of these records of one file."""
    terminal, token = site.terminal, site.shop.keys.token
    verb = terminal.verbs.get("import-sales")
    if verb is None:
        return False
    lines = [told.line(token, key_id(site.shop.keys.token_key)) for _, told in some]
    try:
        answer = await terminal.ask(lambda: verb({"lines": lines, "source": "late"}))
    except Failure:
        return False
    if answer is None or "report" not in answer:
        return False
    refused = {one["sale_id"]: one["code"] for one in answer["report"]["problems"]}
    for one in answer["report"]["problems"]:
        why = f"the till's late record: {one['reason']}"
        if one["code"] not in _LATER and why not in site.objections:
            site.objections.append(why)
    for purchase, told in some:
        if purchase.sample.sale_id not in refused and told not in purchase.told:
            purchase.told.append(told)
    return not refused


class LateTill:
    """``work`` until cancelled; ``tell_the_rest`` when the faults are healed."""

    def __init__(self, site: Site, chance: Random, counts: Counter[str]) -> None:
        self._site = site
        self._chance = chance
        self._counts = counts
        self._pause = chance.choice([120.0, 600.0, 3_000.0])
        cards = {
            leg.card.name: leg.card for sale in site.shop.sales for leg in sale.payments if leg.card
        }
        self.purchases = (
            make_purchases(chance, list(cards.values())) if chance.random() < DAYS else []
        )
        know_purchases(site, self.purchases)
        self._rest: list[Record] = [(one, told) for one in self.purchases for told in one.plan]
        self._telling: dict[asyncio.Task[None], None] = {}

    async def work(self) -> None:
        try:
            await asyncio.sleep(self._chance.uniform(0, 60))
            bare = [one for one in self._rest if one[1].bare]
            if bare:  # the feed brings them like any other; what they lack is brought later
                await self._tell(bare)
            while self._rest:
                await asyncio.sleep(self._chance.expovariate(1 / self._pause))
                await self._tell(self._next())
        finally:
            for one in self._telling:
                one.cancel()
            await asyncio.gather(*self._telling, return_exceptions=True)

    async def tell_the_rest(self) -> None:
        for _ in range(_PATIENCE):
            if not self._rest or await self._taken(self._next(all_=True)):
                return
            await asyncio.sleep(1.0)
        if not self._stands_against():
            self._site.objections.append("the till's late records are not taken")

    def _stands_against(self) -> bool:
        """What the terminal can't take, perhaps for ever: it is somebody else's payment as typed,
        or two refunds are open that only people can end."""
        return all(
            told is not purchase.plan[0] or purchase.told == [] for purchase, told in self._rest
        )

    def _next(self, *, all_: bool = False) -> list[Record]:
        """One, or several in a file; of each payment in their order."""
        first: dict[str, Record] = {}
        for purchase, told in self._rest:
            first.setdefault(purchase.sample.sale_id, (purchase, told))
        some = list(first.values())
        if all_ or self._chance.random() < 0.3:
            return some
        return [self._chance.choice(some)]

    async def _tell(self, some: list[Record]) -> None:
        if self._chance.random() < 0.15:
            self._counts["killed while the till tells late"] += 1
            self._site.terminal.moments.plan = self._chance.randint(0, 3)
        if not await self._taken(some):
            return
        self._counts["till tells late"] += len(some)
        if self._chance.random() < 0.5:
            self._counts["till tells late twice"] += 1
            await tell_of(self._site, some)
        if self._chance.random() < 0.5:
            self._soon(self._people_close())

    async def _taken(self, some: list[Record]) -> bool:
        taken = await tell_of(self._site, some)
        self._rest = [one for one in self._rest if one[1] not in one[0].told]
        return taken and not self._rest

    def _soon(self, telling: Any) -> None:
        task = asyncio.ensure_future(telling)
        self._telling[task] = None
        task.add_done_callback(lambda done: self._telling.pop(done, None))

    async def _people_close(self) -> None:
        """Two supervisors close what the records made cases of, and the sale goes on."""
        await asyncio.sleep(self._chance.expovariate(1 / 900))
        terminal = self._site.terminal
        if terminal.ledger is None:
            return
        try:
            closed = await terminal.ask(lambda: close_cases(self._site, CaseKind.TYPED_DIFFERS))
        except Failure:
            return
        self._counts["typed cases closed"] += closed or 0

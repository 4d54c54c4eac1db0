"""A till at which customers pay the recovery slips that clerks print (R46): as much as is asked,
less or more, in two sales, never; or it is given a code that nobody printed."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import Final

from hw_sim.bench import identity
from hw_sim.bench.sample_sales import SampleTender
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.receipt_code import remedy_code

_PAUSE: Final = 60.0
_NEVER_PRINTED: Final = 900
"""So far behind the slip's own is the number that a person mistakes for it."""
_HOW: Final = {
    "as asked": 6,
    "less": 1,
    "more": 1,
    "in two sales": 1,
    "under a number that nobody printed": 1,
    "never": 1,
}
_SLIPS: Final = "SELECT number, amount FROM case_papers WHERE kind = ? ORDER BY number"


class RecoveryTill:
    """``work`` until cancelled; ``tell_the_rest`` when the faults are healed."""

    def __init__(self, site: Site, till: CreditTill, chance: Random, counts: Counter[str]) -> None:
        """``till``: which tells of its sales, and has the book of them."""
        self._site = site
        self._till = till
        self._chance = chance
        self._counts = counts
        self._brought: set[int] = set()
        """Slips that a customer came with, or never will."""

    async def work(self) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(1 / _PAUSE))
            if self.sell():
                await self._till.tell()

    async def tell_the_rest(self) -> None:
        if self.sell():
            await self._till.tell_the_rest()

    def sell(self) -> int:
        """For each slip that is new; how many sales."""
        ledger = self._site.alive and self._site.alive.ledger
        rows = ledger.db.execute(_SLIPS, (PaperKind.RECOVERY,)).fetchall() if ledger else []
        new = [row for row in rows if row["number"] not in self._brought]
        self._brought |= {row["number"] for row in new}
        return sum(self._pay(row["number"], row["amount"]) for row in new)

    def _pay(self, number: int, amount: int) -> int:
        how = self._chance.choices(list(_HOW), list(_HOW.values()))[0]
        self._counts[f"recovery slip is paid {how}"] += 1
        told = {
            "less": [max(1, amount // 2)],
            "more": [amount + 100],
            "in two sales": [amount // 2, amount - amount // 2] if amount > 1 else [amount],
            "never": [],
        }.get(how, [amount])
        mistaken = how.startswith("under")
        code = remedy_code(
            *(identity.MERCHANT_ID, identity.TERMINAL_ID),
            number + _NEVER_PRINTED * mistaken,
        )
        for one in told:
            self._till.sell("a recovery slip", [SampleTender("cash", one)], recovery=code)
        return len(told)

"""The next morning: what became of each form is told by people at the keypad or by the file.

The acquirer's day is over by then, so that what a card paid can be withdrawn, too. Some of it is
paid after that, also where the amount went back in another way meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

from hw_sim.proofs.simulation.by_file import close_cases
from hw_sim.proofs.simulation.clerk import LOCKED, Lost, SimClerk
from hw_sim.proofs.simulation.elsewhere import Elsewhere
from hw_sim.proofs.simulation.form import Form, Said, Teller
from hw_sim.proofs.simulation.invariants.forms import cut_off
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.case import CaseKind
from pos_terminal.core.people import Role
from pos_terminal.core.words import say
from pos_terminal.texts import render

_ROUNDS: Final = 60
"""Tries at most until everything was told; each form takes one or two, each kill one more."""


class NextMorning:
    """``come`` once everything is at rest; ``begin_anew`` brings the dead terminal back."""

    def __init__(
        self,
        site: Site,
        clerk: SimClerk,
        elsewhere: Elsewhere,
        *,
        chance: Random,
        counts: Counter[str],
        begin_anew: Callable[[], Awaitable[None]],
    ) -> None:
        self._site = site
        self._clerk = clerk
        self._elsewhere = elsewhere
        self._chance = chance
        self._counts = counts
        self._begin_anew = begin_anew

    async def come(self) -> bool:
        """False where no form lies on the counter. Lost where a screen does not come."""
        self._elsewhere.look()
        if not self._elsewhere.forms:
            return False
        await self._sleep()
        for _ in range(_ROUNDS):
            await self._live()
            draw = self._chance.random()
            plan = self._chance.randint(0, 25) if draw < 0.15 else None
            self._site.terminal.moments.plan = plan
            self._elsewhere.pay_the_rest()
            if not await self._tell_one():
                break
        self._site.terminal.moments.plan = None
        await self._live()
        if self._chance.random() < 0.5:
            self._counts["cases closed"] += await close_cases(self._site, CaseKind.OVERPAYMENT)
        return True

    async def _sleep(self) -> None:
        """Past the acquirer's cut-off, and whatever locked a supervisor."""
        await self._clerk.home()
        await asyncio.sleep(LOCKED)
        if self._site.ledger.manual.open_ones():
            now = self._site.time.now()
            await asyncio.sleep((cut_off(self._site, now) - now).total_seconds() + 3600)

    async def _live(self) -> None:
        """Home, whatever died."""
        if self._site.terminal.dead:
            await self._begin_anew()
        await self._clerk.home()

    async def _tell_one(self) -> bool:
        """False where there is nothing left to tell."""
        keypad = [one for one in self._elsewhere.to_tell(Teller.KEYPAD) if self._can(one)]
        if self._elsewhere.to_tell(Teller.FILE) and (not keypad or self._chance.random() < 0.3):
            await self._elsewhere.tell_by_file()
            return True
        if not keypad:
            return False
        one = self._chance.choice(keypad)
        told = one.told_now
        struck = told is Said.WITHDRAWN and self._chance.random() < 0.6
        reference = "" if struck else one.reference
        if told is not None and await self._site.unless_killed(
            tell(self._clerk, one, told, reference)
        ):
            self._counts[f"form {told} the next morning"] += 1
            if told is Said.WITHDRAWN and self._chance.random() < 0.95:
                await self._site.unless_killed(self._again(one))
        return True

    async def _again(self, one: Form) -> None:
        """What was withdrawn of a wallet goes back in another way, or is asked for in vain."""
        clerk, refund = self._clerk, self._site.ledger.manual.of_application(one.number)
        sale = None if refund is None else self._site.ledger.sales.by_key(refund.sale_key)
        wallet = self._site.shop.sale("qr-wallet-today")
        if sale is None or sale.sale_id != wallet.sale_id or sale.locked or not sale.remaining:
            return
        try:
            if await clerk.ask_for(wallet) == "supervisor.number":
                await clerk.approve()
                await clerk.wait("refund.confirm", seconds=30)
                await clerk.go("enter", to="result")
                self._counts["form withdrawn and asked for again"] += 1
        except Lost:
            self._counts["form withdrawn and asked for in vain"] += 1
        await clerk.home()
        self._elsewhere.look()

    def _can(self, one: Form) -> bool:
        """Whether enough people are there who did not ask for it."""
        refund = self._site.ledger.manual.of_application(one.number)
        return refund is not None and refund.operator not in self._supervisors()

    def _supervisors(self) -> list[str]:
        return [one.number for one in self._site.shop.staff if one.role == Role.SUPERVISOR]


async def tell(clerk: SimClerk, one: Form, told: Said, reference: str = "") -> bool:
    """What became of a form, at the keypad, from home to home. ``reference``: typed, and the form
    itself is scanned without one."""
    if told is Said.PAID_LATE:
        await clerk.go("menu", to="menu")
        clerk.press("3", "7")
        if await clerk.wait("manual.list", "manual.withdrawn") == "manual.list":
            await clerk.look_for(render(say("manual.withdrawn_list"), clerk.site.setting.language))
        await clerk.wait("manual.withdrawn")
        await clerk.look_for(f"#{one.number} ")
    else:
        clerk.scan(one.code)
        await clerk.wait("manual.form")
        clerk.press("1" if told is Said.PAID else "2")
    await clerk.wait("manual.reference")
    (clerk.press if reference else clerk.scan)(reference or one.code)
    clerk.press("enter")
    for place in range(1 if told is Said.PAID else 2):
        await clerk.approve(place)
    await clerk.wait("manual.confirm")
    one.said.add(told)
    await clerk.go("enter", to="manual.done")
    await clerk.home()
    return True

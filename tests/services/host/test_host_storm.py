"""Seeded storms: random faults, restarts and batches; the money agrees when they are over."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from worlds.host import World, told
from worlds.steps import Go, around_steps
from worlds.stories import beside

from pos_terminal.core.refund import State
from pos_terminal.core.words import Failure
from pos_terminal.services.proof.verify import verify_store

#: none that makes the acquirer sign an untruth: a decline of what it has paid, or another
#: refund's part under this one's STAN
FAULTS = (
    *("swallow", "drop-answer", "half-frame", "cut:1", "wrong-mac", "no-mac", "two-answers"),
    *("other-stan", "other-batch", "delay:70", "delay:20"),
    *("code:A0", "code:77", "code:96", "code:94", "code:A4"),
    *("demand:3", "bad-kcv", "refuse", "close-after-accept"),
)
KINDS = ("refund", "void", "reversal", "sign_on")


class Kill(BaseException):
    """The process is gone."""


class Storm:
    def __init__(self, world: World, seed: int, folder: Path) -> None:
        self.world = world
        self.random = random.Random(seed)
        self._folder = folder
        self.lives: list[World] = []
        self._arm()

    async def act(self) -> None:
        """One refund or void in bad weather."""
        self._weather()
        try:
            if self.random.random() < 0.3:
                await self.world.void()
            else:
                await self.world.give_back(self.random.randint(1, 900))
        except Failure:
            pass  # it said why, and nothing was sealed
        except Kill:
            pass
        if self.random.random() < 0.2:
            async with beside(self.world.host.run()):
                await asyncio.sleep(self.random.choice([1, 60, 1_000]))
        await self._live_on()

    async def _live_on(self) -> None:
        """After a kill the terminal starts again from the disk of that moment."""
        while self.world.dead:
            self.world = self._next_life
            self._arm()
            try:
                await self.world.host.recover()
            except Kill:
                continue

    def _weather(self) -> None:
        acquirer = self.world.acquirer
        acquirer.set_mode("normal")
        for _ in range(self.random.randint(0, 2)):
            fault = self.random.choice(FAULTS)
            on = [] if fault in {"refuse", "close-after-accept", "bad-kcv"} else [*KINDS[:3]]
            acquirer.set_mode(fault, self.random.randint(1, 4), on, also=True)

    def _arm(self) -> None:
        """Perhaps a kill at one of the next durable steps."""
        world = self.world
        left = self.random.randint(3, 40)
        after = self.random.random() < 0.5

        async def watched(name: str, go: Go) -> Any:
            nonlocal left
            if world.dead:
                raise Kill
            left -= 1
            if left == 0 and not after:
                self._die(world)
            result = await go()
            if left == 0:
                self._die(world)
            return result

        around_steps(world.ledger, watched)

    def _die(self, world: World) -> None:
        self._next_life = world.reborn(self._folder / f"life{len(self.lives)}")
        self.lives.append(self._next_life)
        world.die()
        raise Kill

    async def calm(self) -> World:
        """All faults heal, and the background finishes what is open."""
        self.world.acquirer.set_mode("normal")
        while self.world.ledger.refunds.open_ones():
            await self.world.in_background(self._over, 100_000)
            await self._live_on()
        return self.world

    def _over(self) -> bool:
        return self.world.dead or not self.world.ledger.refunds.open_ones()


@pytest.mark.parametrize("seed", range(40))
@told()
async def test_after_the_storm_the_money_agrees(first: World, tmp_path: Path, seed: int) -> None:
    storm = Storm(first, seed, tmp_path)
    for _ in range(12):
        await storm.act()
    world = await storm.calm()
    for sale_id, rrn in (("S-1", "630012345678"), ("S-2", "632412345679")):
        sale = world.sale(sale_id)
        entries = [one for one in world.acquirer.ledger() if one["original_rrn"] == rrn]
        paid = sum(one["paid"] for one in entries)
        assert (sale.done, sale.held) == (paid, 0)
        assert paid <= sale.amount
    for refund in world.ledger.refunds.recent(100):
        mine = [
            one["paid"]
            for one in world.acquirer.ledger()
            if (one["stan"], one["batch"]) == (refund.stan, refund.batch)
            and one["kind"] in {"refund", "void"}
        ]
        assert sum(mine) == refund.done
        assert sum(1 for one in mine if one) <= 1
        if refund.state is State.ACCEPTED:
            assert len(world.slips(refund.refund_id)) >= 2
    verify_store(world.ledger)
    await world.host.close()
    for life in storm.lives:
        life.close_files()

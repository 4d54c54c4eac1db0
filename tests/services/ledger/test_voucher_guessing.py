"""Vouchers can't be guessed: wrong numbers lock whoever tries them, and fill no log (R37)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, cast

from hw_sim.virtual import run_virtual
from worlds.ledger import World
from worlds.stories import as_test

from pos_terminal.control.voucher import voucher_verbs
from pos_terminal.core import voucher
from pos_terminal.core.refund import Kind
from pos_terminal.core.words import VoucherFailure, Words
from pos_terminal.ports import TrustedClock
from pos_terminal.wire.receipt.kinds.credit import StoreCredit


class Clock:
    doubt: Words | None = None


class Till:
    """Asks as one user or another."""

    def __init__(self, world: World) -> None:
        world.sell(tenders=[{"kind": "cash", "amount": 10_000}], rrn="", trace="", batch="")
        number = world.apply_for(5_000, kind=Kind.CREDIT).number
        refund = world.do(
            world.store.issue_credit(
                number, lambda refund, issued: [world.slip(body=StoreCredit(issued.number))]
            )
        )
        issued = world.store.vouchers.of_refund(refund.refund_id)
        assert issued is not None
        self._number = issued.number
        clock = cast(TrustedClock, Clock())
        self._verbs = voucher_verbs(world.store, clock, world.merchant, world.terminal)
        self._cash = world
        self._asked = 0

    async def refused(self, verb: str, **request: Any) -> str:
        """The cause; empty where it was answered."""
        self._asked += 1
        try:
            await self._verbs[verb]({"amount": 1, "request": f"T{self._asked}"} | request)
        except VoucherFailure as failure:
            return failure.code
        return ""

    async def wrong(self, verb: str = "voucher", *, uid: int) -> str:
        """A number that is well formed, of this terminal, and was never issued."""
        number = voucher.draw_number(self._cash.merchant, self._cash.terminal)
        return await self.refused(verb, number=number, uid=uid)

    async def right(self, verb: str = "voucher", *, uid: int) -> str:
        return await self.refused(verb, number=self._number, uid=uid)

    def notes(self, kind: str) -> list[Any]:
        sql = "SELECT facts FROM audit WHERE kind = ? ORDER BY seq"
        return [json.loads(row[0]) for row in self._cash.store.db.execute(sql, (kind,))]

    def entries(self) -> int:
        found: int = self._cash.store.db.execute("SELECT max(seq) FROM audit").fetchone()[0]
        return found


def on_a_virtual_day(story: Callable[[Till], Coroutine[Any, Any, None]]) -> Callable[..., None]:
    def run(told: Any, world: World) -> None:
        till = Till(world)
        run_virtual(lambda _: told(till))

    return as_test(story, run, needs=("world",))


@on_a_virtual_day
async def test_a_guesser_is_locked_for_ten_minutes_and_right_numbers_are_not_told_either(
    till: Till,
) -> None:
    for _ in range(5):
        assert await till.wrong(uid=44) == "voucher.unknown"
    before = till.entries()
    for verb in ("voucher", "redeem"):
        assert await till.right(verb, uid=44) == "voucher.locked"
        assert await till.wrong(verb, uid=44) == "voucher.locked"
    assert till.entries() == before, "a locked caller fills no log"
    assert await till.right(uid=45) == "", "another caller goes on"
    await asyncio.sleep(599)
    assert await till.right(uid=44) == "voucher.locked"
    await asyncio.sleep(1)
    assert await till.right(uid=44) == ""
    assert await till.wrong(uid=44) == "voucher.unknown"
    assert await till.right(uid=44) == "voucher.locked", "that day each further guess locks"


@on_a_virtual_day
async def test_a_thousand_tries_of_a_day_are_a_few_entries(till: Till) -> None:
    tried = 0
    for _ in range(24 * 60):
        await asyncio.sleep(60)
        tried += await till.wrong(uid=44) == "voucher.unknown"
    assert tried < 160, "of ten million"
    assert [one["times"] for one in till.notes("voucher_refused")] == [1, 10, 100]
    locks = till.notes("voucher_locked")
    assert len(locks) == tried - 4
    assert {one["uid"] for one in locks} == {44}


@on_a_virtual_day
async def test_a_scanner_that_misreads_now_and_then_locks_nobody(till: Till) -> None:
    for _ in range(100):
        await asyncio.sleep(70)
        assert await till.refused("voucher", number="123", uid=44) == "voucher.misread"
    assert await till.right(uid=44) == ""
    for _ in range(9):
        await till.refused("voucher", number="123", uid=44)
    assert await till.right(uid=44) == "voucher.locked"


@on_a_virtual_day
async def test_four_wrong_numbers_a_day_lock_nobody(till: Till) -> None:
    for _ in range(20):
        for _ in range(4):
            assert await till.wrong(uid=44) == "voucher.unknown"
        assert await till.right(uid=44) == ""
        await asyncio.sleep(86_400)

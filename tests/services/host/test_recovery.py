"""What a restart finds, and what it makes of it: killed at every durable step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from worlds import host
from worlds.host import World, told
from worlds.steps import Go, around_steps
from worlds.stories import Story, Test, as_test

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import State
from pos_terminal.services.proof.verify import verify_store

Tell = Callable[..., Any]


FAULTS = ["normal", "drop-answer", "swallow", "wrong-mac", "code:A0", "code:05"]


class SimulatedKill(BaseException):
    """The process is gone: nothing after this moment happens."""


class Killer:
    """Stops the world before or after the n-th durable step, and keeps the disk of that moment."""

    def __init__(self, world: World, at: int, after: bool, disk: Path) -> None:
        self.names: list[str] = []
        self.born: World | None = None
        self._world = world
        self._at = at
        self._after = after
        self._disk = disk
        around_steps(world.ledger, self._watch)

    @property
    def reborn(self) -> World:
        assert self.born is not None
        return self.born

    async def _watch(self, name: str, go: Go) -> Any:
        if self.born is not None:
            raise SimulatedKill
        self.names.append(name)
        mine = len(self.names) == self._at
        if mine and not self._after:
            self._die()
        result = await go()
        if mine:
            self._die()
        return result

    def _die(self) -> None:
        self.born = self._world.reborn(self._disk)
        self._world.die()
        raise SimulatedKill


async def act(world: World, kind: str) -> Any:
    return await (world.give_back(5_000) if kind == "refund" else world.void())


def steps_of(tell: Tell, kind: str, fault: str, folder: Path) -> list[str]:
    async def story(world: World) -> list[str]:
        killer = Killer(world, 0, False, folder)
        world.acquirer.set_mode(fault, None if fault == "normal" else 1)
        await act(world, kind)
        return killer.names

    names: list[str] = tell(story)
    return names


def hold_together(world: World, kind: str) -> None:
    """The money agrees on both sides, and nothing is left open."""
    assert list(world.ledger.refunds.open_ones()) == []
    done = sum(world.sale(one).done for one in ("S-1", "S-2"))
    assert done == world.paid()
    assert world.paid() in (0, 5_000 if kind == "refund" else 12_345)
    assert world.held("S-1") == world.held("S-2") == 0
    for refund in world.ledger.refunds.recent(10):
        if refund.state is State.ACCEPTED:
            assert len(world.slips(refund.refund_id)) >= 2
    verify_store(world.ledger)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["refund", "void"])
def test_killed_at_every_durable_step_the_money_agrees(
    tell: Tell, tmp_path: Path, kind: str, fault: str, after: bool
) -> None:
    names = steps_of(tell, kind, fault, tmp_path / "x")
    assert {"open_application", "seal", "conclude"} <= set(names)

    for at in range(1, len(names) + 1):

        async def story(world: World, at: int = at) -> None:
            killer = Killer(world, at, after, tmp_path / f"disk{at}")
            world.acquirer.set_mode(fault, None if fault == "normal" else 1)
            with pytest.raises(SimulatedKill):
                await act(world, kind)
            world.acquirer.set_mode("normal")
            new = killer.reborn
            try:
                await new.host.recover()
                assert all(one.state is not State.SEALED for one in new.ledger.refunds.open_ones())
                await new.in_background(lambda: new.host.state.signed_on)
                await new.in_background(lambda: not new.ledger.refunds.open_ones())
                hold_together(new, kind)
            finally:
                await new.host.close()
                new.close_files()

        data = tmp_path / "data"
        data.rename(tmp_path / f"spent{at}")
        tell(story)


@told()
async def test_killed_before_the_seal_nothing_was_promised(world: World, tmp_path: Path) -> None:
    await world.host.prepare()
    application = await world.apply()
    killer = Killer(world, 1, False, tmp_path / "disk")
    sale = world.sale("S-1")
    with pytest.raises(SimulatedKill):
        await world.host.authorise(application, sale, world.card())
    assert killer.names == ["seal"]
    new = killer.reborn
    assert list(await new.host.recover()) == []
    assert new.ledger.refunds.recent(1) == []
    assert new.application(application.number).state == "cancelled"
    new.close_files()


def killed_while_sealed(kind: str = "refund", **acquirer: Any) -> Callable[[Story[World]], Test]:
    """A test whose hero starts again after a kill with the request on its way."""

    def run(story: Callable[[World], Awaitable[None]], tmp_path: Path) -> None:
        async def whole(world: World) -> None:
            await world.host.prepare()
            world.ledger.tidy.active()
            # open_application, approve, seal, conclude
            killer = Killer(world, 4, False, tmp_path / "disk")
            with pytest.raises(SimulatedKill):
                await act(world, kind)
            assert killer.names[2:] == ["seal", "conclude"]
            await story(killer.reborn)
            killer.reborn.close_files()

        host.tell(whole, folder=tmp_path / "data", **acquirer)

    return lambda story: as_test(story, run, needs=("tmp_path",))


@killed_while_sealed()
async def test_a_sealed_refund_is_unknown_and_its_repeat_pays_nothing_again(new: World) -> None:
    (found,) = await new.host.recover()
    assert (found.state, found.cause) == (State.UNKNOWN, Cause.RESTART)
    assert new.slips(found.refund_id) == []  # the first repeat will tell
    await new.host.prepare()
    after = new.refund(found.refund_id)
    assert (after.state, after.stan) == (State.ACCEPTED, found.stan)
    assert new.slips(found.refund_id) == ["refund merchant", "refund customer"]
    first, second = new.sent("refund")
    different = {n for n in first["fields"] if first["fields"][n] != second["fields"][n]}
    assert different == {"64"}
    assert new.paid() == 5_000


@killed_while_sealed(repeat="never")
async def test_a_sealed_refund_that_must_not_be_repeated_is_a_case(new: World) -> None:
    new.write_slowly()  # the mending in the background, and a clerk who begins meanwhile
    (found,), again = await asyncio.gather(new.host.recover(), new.host.recover())
    assert (found.state, list(again)) == (State.UNKNOWN, [])
    assert new.slips(found.refund_id) == ["pending merchant", "pending customer"]
    await new.host.prepare()
    assert len(new.sent("refund")) == 1
    assert new.held() == 5_000
    assert list(await new.host.recover()) == []


@killed_while_sealed("void")
async def test_a_sealed_void_is_reversed_before_anything_new(new: World) -> None:
    (found,) = await new.host.recover()
    assert found.state is State.REVERSING
    await new.host.prepare()
    assert new.refund(found.refund_id).state is State.REVERSED
    assert (new.paid(), new.held("S-2")) == (0, 0)
    assert (await new.void()).refund.state is State.ACCEPTED


@killed_while_sealed()
async def test_the_certificate_comes_when_the_round_after_a_restart_brings_nothing(
    new: World,
) -> None:
    (found,) = await new.host.recover()
    new.acquirer.set_mode("drop-answer")
    await new.in_background(lambda: bool(new.slips(found.refund_id)))
    after = new.refund(found.refund_id)
    assert (after.state, after.repeats) == (State.UNKNOWN, 6)
    assert new.slips(found.refund_id) == ["pending merchant", "pending customer"]


@killed_while_sealed()
async def test_card_data_that_can_not_be_opened_any_more_is_a_case(new: World) -> None:
    (found,) = await new.host.recover()
    new.vault.refill(range(16))
    await new.in_background(lambda: bool(new.slips(found.refund_id)))
    after = new.refund(found.refund_id)
    assert (after.state, after.cause) == (State.UNKNOWN, Cause.CARD_DATA_GONE)
    assert new.host.state.pending == 0
    assert len(new.sent("refund")) == 1


@killed_while_sealed()
async def test_a_terminal_that_starts_without_a_line_finishes_when_it_is_back(new: World) -> None:
    await new.host.recover()
    new.wires.plugged = False
    started = new.loop.time()

    def plug() -> bool:
        if new.loop.time() - started > 3_600:
            new.wires.plugged = True
        return not new.ledger.refunds.open_ones()

    await new.in_background(plug)
    assert new.loop.time() - started < 3_600 + 301
    assert new.only().state is State.ACCEPTED
    assert new.paid() == 5_000

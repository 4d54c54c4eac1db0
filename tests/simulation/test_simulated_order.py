"""The order of ready tasks, drawn from a seed; everything else runs in its order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

import pytest
from hw_sim.proofs.simulation.__main__ import main
from hw_sim.proofs.simulation.day import FIFO, SEEDED, run_day
from hw_sim.proofs.simulation.mutants import repeat_with_a_new_stan
from hw_sim.virtual import VirtualLoop, run_virtual

ORDERS = (SEEDED, FIFO, "1")
IN_TURN = list("abc" * 3)
SHORT = 24
"""A day that is soon over."""
TELLING = 6
"""A day that failed in order 2 when they were last looked through, asked first."""


def told(
    scene: Callable[[VirtualLoop, list[str]], Coroutine[Any, Any, None]], seed: int | None
) -> list[str]:
    """What a scene told, in the order that this seed draws; in turn for None."""
    said: list[str] = []

    async def whole(loop: VirtualLoop) -> None:
        await scene(loop, said)

    run_virtual(whole, None if seed is None else Random(seed))
    return said


async def three_tasks(loop: VirtualLoop, said: list[str]) -> None:
    async def tell(name: str) -> None:
        for _ in range(3):
            said.append(name)
            await asyncio.sleep(0)

    await asyncio.gather(*(tell(name) for name in "abc"))


async def three_timers(loop: VirtualLoop, said: list[str]) -> None:
    async def tell(name: str) -> None:
        for _ in range(3):
            await asyncio.sleep(1.0)
            said.append(name)

    await asyncio.gather(*(tell(name) for name in "abc"))
    assert loop.time() == 3.0


async def three_waiters(loop: VirtualLoop, said: list[str]) -> None:
    event = asyncio.Event()

    async def tell(name: str) -> None:
        await event.wait()
        said.append(name)

    tasks = [asyncio.ensure_future(tell(name)) for name in "abc"]
    await asyncio.sleep(1.0)
    event.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("scene", [three_tasks, three_timers, three_waiters])
def test_tasks_that_are_ready_at_once_run_in_a_drawn_order(scene: Any) -> None:
    orders = {tuple(told(scene, seed)) for seed in range(20)}
    assert len(orders) > 3
    assert all(sorted(order) == sorted(told(scene, None)) for order in orders)
    assert told(scene, 5) == told(scene, 5)


def test_without_a_seed_they_run_in_turn() -> None:
    assert told(three_tasks, None) == told(three_timers, None) == IN_TURN
    assert told(three_waiters, None) == ["a", "b", "c"]


async def callbacks_among_tasks(loop: VirtualLoop, said: list[str]) -> None:
    async def tell(name: str) -> None:
        said.append(name)

    other = asyncio.ensure_future(asyncio.Event().wait())
    for number in range(10):
        loop.call_soon(said.append, f"{number}")
        loop.create_task(tell(f"task {number}"))
    loop.call_soon(other.cancel)  # a task's, and no step of it
    loop.call_soon(lambda: said.append(f"cancelling {other.cancelling()}"))
    await asyncio.sleep(1.0)


@pytest.mark.parametrize("seed", range(20))
def test_other_callbacks_keep_their_order_and_no_task_overtakes_them(seed: int) -> None:
    said = told(callbacks_among_tasks, seed)
    plain = [f"{number}" for number in range(10)]
    assert [name for name in said if name in plain] == plain
    assert said.index("9") < said.index("cancelling 1")
    for number in plain:
        assert said.index(number) < said.index(f"task {number}")


def test_a_task_may_be_later_than_what_came_after_it() -> None:
    def late(seed: int) -> bool:
        said = told(callbacks_among_tasks, seed)
        return said.index("task 0") > said.index("5")

    assert any(late(seed) for seed in range(100))


def test_tasks_that_are_woken_together_run_in_the_order_of_the_seed_alone() -> None:
    """Whoever wakes them, and in which order."""

    def woken(names: str) -> list[str]:
        async def scene(loop: VirtualLoop, said: list[str]) -> None:
            async def tell(name: str) -> None:
                try:
                    await asyncio.Event().wait()
                finally:
                    said.append(name)

            tasks = {name: asyncio.ensure_future(tell(name)) for name in "abcdef"}
            await asyncio.sleep(1.0)
            for name in names:
                tasks[name].cancel()
            await asyncio.wait(tasks.values())

        return told(scene, 3)

    assert woken("abcdef") == woken("fedcba") == woken("cbafed")


@pytest.mark.parametrize("seed", [None, 3, 4])
def test_a_group_ends_its_tasks_in_the_order_of_the_seed_alone(seed: int | None) -> None:
    """It cancels a set of them. They are kept, so that none lies where an earlier one did."""
    kept: list[asyncio.Task[None]] = []

    async def scene(loop: VirtualLoop, said: list[str]) -> None:
        async def wait(name: str, shielded: bool) -> None:
            waiting = loop.create_future()
            try:
                # what ends a shield is no step of a task, so that the tasks behind it come later
                await (asyncio.shield(waiting) if shielded else waiting)
            finally:
                said.append(name)

        async def fail() -> None:
            await asyncio.sleep(1.0)
            raise OSError

        async def end_together() -> None:
            async with asyncio.TaskGroup() as group:
                kept.extend(group.create_task(wait(name, name in "cf")) for name in "abcdefgh")
                group.create_task(fail())

        with pytest.raises(ExceptionGroup):
            await end_together()

    first, *others = [told(scene, seed) for _ in range(10)]
    assert sorted(first) == [*"abcdefgh"]
    assert others == [first] * len(others)


def test_sets_of_tasks_are_walked_in_a_drawn_order() -> None:
    async def scene(loop: VirtualLoop, said: list[str]) -> None:
        async def nothing() -> None:
            pass

        tasks = {asyncio.ensure_future(nothing()): name for name in "abcdef"}
        said.extend(tasks[task] for task in {*tasks})

    assert len({tuple(told(scene, seed)) for seed in range(20)}) > 3


def test_a_day_has_an_order_of_its_own() -> None:
    traces = {order: run_day(SHORT, order=order).trace for order in ORDERS}
    assert len({*traces.values()}) > 1
    for order, trace in traces.items():
        assert run_day(SHORT, order=order).trace == trace


def test_the_replay_of_another_order_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    with repeat_with_a_new_stan():
        two = ["--seeds", "2", "--order", "2", "--first"]
        assert any(main([*two, str(first)]) == 1 for first in range(TELLING, TELLING + 24, 2))
    commands = [line for line in capsys.readouterr().out.splitlines() if "replay:" in line]
    assert commands
    assert all(command.endswith(" --order 2") for command in commands)
    seed = commands[0].split()[-3]
    with repeat_with_a_new_stan():
        assert main(["--seed", seed, "--order", "2"]) == 1


def test_an_order_is_a_word_or_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--order", "random"])
    assert "seeded, fifo or a number is needed, not 'random'" in capsys.readouterr().err

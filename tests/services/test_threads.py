"""Blocking work on a thread of its own: in order, once, and nothing of it after the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from worlds.stories import told_by

from pos_terminal.ports.runner import Runner
from pos_terminal.services.process.threads import thread_runner

SECONDS = 10.0


def tell(story: Callable[[Runner, ExitStack], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        with ExitStack() as closing:
            await asyncio.wait_for(story(thread_runner("worker", closing), closing), SECONDS)

    asyncio.run(main())


class Work:
    """One piece that is under way until it may go on, and one that waits for it."""

    def __init__(self, run: Runner) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.done: list[str] = []
        self.one = asyncio.ensure_future(run(self.first))
        self.two = asyncio.ensure_future(run(lambda: self.done.append("second")))

    @classmethod
    async def begin(cls, run: Runner) -> Work:
        work = cls(run)
        while not work.begun.is_set():
            await asyncio.sleep(0)
        return work

    def first(self) -> None:
        self.begun.set()
        assert self.go_on.wait(SECONDS)
        self.done.append("first")


@told_by(tell, 2)
async def test_work_is_done_in_order_on_one_other_thread(run: Runner, closing: ExitStack) -> None:
    done: list[tuple[int, str]] = []

    def work(number: int) -> int:
        done.append((number, threading.current_thread().name))
        return number

    answers = await asyncio.gather(*(run(partial(work, n)) for n in range(50)))
    assert answers == list(range(50))
    assert done == [(number, "worker") for number in range(50)]


@told_by(tell, 2)
async def test_a_failure_is_the_caller_s_and_the_thread_goes_on(
    run: Runner, closing: ExitStack
) -> None:
    with pytest.raises(ZeroDivisionError):
        await run(lambda: 1 // 0)
    assert await run(lambda: "here") == "here"


@told_by(tell, 2)
async def test_what_its_caller_gave_up_is_left_out_unless_begun(
    run: Runner, closing: ExitStack
) -> None:
    work = await Work.begin(run)
    work.one.cancel()
    work.two.cancel()
    await asyncio.gather(work.one, work.two, return_exceptions=True)
    work.go_on.set()
    await run(lambda: work.done.append("third"))
    assert work.done == ["first", "third"]


@told_by(tell, 2)
async def test_closing_ends_what_is_under_way_and_drops_the_rest(
    run: Runner, closing: ExitStack
) -> None:
    work = await Work.begin(run)
    threading.Timer(0.01, work.go_on.set).start()
    closing.close()
    assert work.done == ["first"]
    await work.one
    with pytest.raises(asyncio.CancelledError):
        await work.two
    with pytest.raises(RuntimeError):
        await run(lambda: work.done.append("third"))
    assert "worker" not in {thread.name for thread in threading.enumerate()}

"""The thread of one reader: what becomes of calls that it will not answer any more."""

from __future__ import annotations

import asyncio
import threading

import pytest
from pos_drivers import pcsc_worker
from pos_drivers.pcsc_worker import GivenUp, Worker
from worlds.stories import on_a_loop

SECONDS = 5.0


@on_a_loop
async def test_who_waits_for_a_reader_that_is_given_up_is_told_so_at_once() -> None:
    """The card service died: nobody learns from a time-out that the card was mute."""
    begun, over = threading.Event(), threading.Event()

    class Held:
        def connect(self, reader: str) -> None:
            begun.set()
            over.wait(SECONDS)

        def release(self) -> None:
            pass

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pcsc_worker, "Context", Held)
        worker = Worker("R")
        try:
            waiting = [asyncio.create_task(worker.connect(SECONDS)) for _ in range(2)]
            await asyncio.to_thread(begun.wait, SECONDS)
            worker.give_up()
            for one in waiting:
                with pytest.raises(GivenUp):
                    await one
            assert worker.stuck
        finally:
            over.set()

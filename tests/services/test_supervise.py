"""A background task that fails is started again, and the log says why."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hw_sim.virtual import VirtualLoop, run_virtual

from pos_terminal.core.words import Failure
from pos_terminal.services.process.supervise import supervise


def test_it_is_started_again_with_growing_pauses(caplog: pytest.LogCaptureFixture) -> None:
    starts: list[float] = []

    async def main(loop: VirtualLoop) -> None:
        async def serve() -> None:
            starts.append(loop.time())
            if len(starts) == 1:
                raise Failure("clock.unproven")
            if len(starts) == 2:
                raise ValueError("boom")
            if len(starts) == 3:
                return
            await asyncio.Event().wait()

        task = asyncio.ensure_future(supervise("thing", serve))
        await asyncio.sleep(1000)
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()

    with caplog.at_level(logging.ERROR):
        run_virtual(main)
    assert starts == [0, 0.5, 1.5, 3.5]
    assert "sign-on" in caplog.text
    assert "boom" in caplog.text
    assert "ended by itself" in caplog.text

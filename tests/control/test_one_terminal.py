"""One process a configuration: who has the terminal, and what is left to the technician's tools."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from worlds.config import DEVICELESS
from worlds.failures import failure_in, failure_of

from pos_terminal.app import run_terminal
from pos_terminal.cli.ask_terminal import ask_terminal
from pos_terminal.config import Config, load
from pos_terminal.services.ledger.lock import Lock


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Of a terminal that nobody provisioned: it comes up and says so."""
    (tmp_path / "data").mkdir()
    file = tmp_path / "terminal.toml"
    file.write_text(f'{DEVICELESS}[control.classes]\nbench = ["{os.getuid()}"]\n', "utf-8")
    return load(file)


def out_of_service(config: Config, story: Callable[[], Awaitable[None]]) -> None:
    """Runs the story beside a terminal that is out of service."""
    path = config.path(config.control.socket)

    def stopped() -> Any:
        return ask_terminal(path, {"verb": "wait", "prompt": "stopped", "timeout": 10}, 20)

    async def main() -> None:
        serving = asyncio.create_task(run_terminal(config))
        while not path.is_socket():
            assert not serving.done()
            await asyncio.sleep(0)
        assert (await asyncio.to_thread(stopped))["prompt"] == "stopped"
        try:
            await story()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            await serving

    asyncio.run(main())


def test_a_terminal_out_of_service_leaves_the_ledger_to_tools(config: Config) -> None:
    async def story() -> None:
        Lock(config.ledger).release()

    out_of_service(config, story)


def test_a_terminal_out_of_service_is_still_the_one_that_runs(config: Config) -> None:
    async def story() -> None:
        assert await failure_in(run_terminal(config)) == "ledger.runs_already"

    out_of_service(config, story)
    assert not config.path(config.control.socket).exists()


def test_no_terminal_starts_while_a_tool_writes(config: Config) -> None:
    lock = Lock(config.ledger)
    before = sorted(config.file.parent.rglob("*"))
    assert failure_of(lambda: asyncio.run(run_terminal(config))) == "ledger.runs_already"
    assert sorted(config.file.parent.rglob("*")) == before
    lock.release()

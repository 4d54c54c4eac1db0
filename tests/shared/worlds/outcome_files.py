"""The acquirer's own folder beside a test's terminal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from worlds.host import World
from worlds.stories import beside

from pos_terminal.core.refund import Refund
from pos_terminal.services.intake.outcome_inbox import OutcomeInbox


class _Watch:
    """Nobody tells of a file but the test."""

    def close(self) -> None: ...


class Files(OutcomeInbox):
    """The folder, and the hand that drops files into it."""

    folder: Path
    told: int = 0
    """How often the counter was told that one waits."""

    def drop(self, name: str, *records: dict[str, Any] | str) -> Path:
        """A file of these lines, whole at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_text(lines(*records), "utf-8")
        self._watched.wake()
        return path

    def lying(self, *more: str) -> list[str]:
        """Names in the folder, or in one within."""
        folder = self.folder.joinpath(*more)
        return sorted(path.name for path in folder.iterdir() if path.is_file())


def lines(*records: dict[str, Any] | str) -> str:
    written = [one if isinstance(one, str) else json.dumps(one) for one in records]
    return "".join(f"{line}\n" for line in written)


def inbox_of(world: World, *, trusted: bool = False) -> Files:
    """As the terminal would make it; nobody serves it yet."""

    def watch(folder: Path, changed: Callable[[], None]) -> _Watch:
        return _Watch()

    def changed() -> None:
        files.told += 1

    folder = world.folder / "outcomes"
    files = Files(folder, world.ledger, world.host, trusted=trusted, watch=watch, changed=changed)
    files.folder = folder
    return files


@asynccontextmanager
async def served(world: World, *, trusted: bool = False) -> AsyncIterator[Files]:
    """The folder while it is watched; what lies there already was looked at."""
    files = inbox_of(world, trusted=trusted)
    async with beside(files.run()):
        yield files


def record(world: World, refund: Refund, outcome: str, **changes: Any) -> dict[str, Any]:
    """A line of the acquirer's file about this refund."""
    terminal = world.config.terminal
    found = {
        "terminal_id": terminal.terminal_id,
        "merchant_id": terminal.merchant_id,
        "batch": refund.batch,
        "trace": refund.stan,
        "kind": refund.kind.value,
        "amount": refund.amount,
        "outcome": outcome,
        "rrn": "632400009999" if outcome == "paid" else "",
        "auth_code": "",
        "happened_on": "2026-11-21",
        "reference": f"F-{refund.stan}",
    }
    return found | changes

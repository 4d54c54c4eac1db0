"""The inbox folder of a ledger, watched while a story is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pos_drivers.input_hotplug import WHOLE_FILES, FolderWatch
from worlds.ledger import World
from worlds.stories import beside, told_by

from pos_terminal.services.intake.inbox import Inbox
from pos_terminal.services.intake.taking import Intake


def text(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def watch_files(folder: Path, changed: Callable[[], None]) -> FolderWatch:
    return FolderWatch([str(folder)], changed, WHOLE_FILES)


async def until(condition: Callable[[], object]) -> None:
    """The kernel's word (inotify) and the loop's turn, at most ten seconds."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.002)


def watched(
    story: Callable[[Path], Awaitable[None]],
    world: World,
    *,
    allow_pan: bool = True,
) -> None:
    async def main() -> None:
        folder = world.folder / "inbox"
        inbox = Inbox(
            folder,
            world.store,
            Intake(world.store, folder / "refused"),
            allow_pan=allow_pan,
            watch=watch_files,
        )
        async with beside(inbox.run()) as running:
            await until((folder / "refused").is_dir)
            await story(folder)
            assert not running.done()

    asyncio.run(main())


in_inbox = told_by(watched, needs=("world",))

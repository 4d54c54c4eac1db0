"""A folder that is looked through at the start, and whenever a whole file has come into it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from pos_terminal.core.words import Failure
from pos_terminal.services.retention.purge_files import DONE, REFUSED


class Watch(Protocol):
    """Calls until it is closed."""

    def close(self) -> None: ...


WatchFolder = Callable[[Path, Callable[[], None]], Watch]
"""Calls when a whole file has come into the folder. OSError."""


class Watched:
    """One folder, with those beneath it for what was gone through."""

    def __init__(self, folder: Path, watch: WatchFolder) -> None:
        self._folder = folder
        self._watch = watch
        self._dropped = asyncio.Event()

    def wake(self) -> None:
        """Look through it again."""
        self._dropped.set()

    async def run(self, look: Callable[[], Awaitable[None]]) -> None:
        """Until cancelled. Failure ``feed.folder`` where the folder can't be used."""
        try:
            make_folders(self._folder)
            watch = self._watch(self._folder, self.wake)
            try:
                self.wake()
                while True:
                    await self._dropped.wait()
                    self._dropped.clear()
                    await look()
            finally:
                watch.close()
        except OSError as error:
            cause = error.strerror or str(error)
            raise Failure("feed.folder", folder=str(self._folder), cause=cause) from None


def make_folders(folder: Path) -> None:
    """The folder and those beneath it. OSError."""
    for one in (folder, folder / DONE, folder / REFUSED):
        one.mkdir(parents=True, exist_ok=True)

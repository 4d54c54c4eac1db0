"""The display as the clerk's eyes: the frame there now, and the prompts that were there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from pos_terminal.ports import Frame

COLUMNS: Final = 40
ROWS: Final = 15


class SimScreen:
    """Fulfils ``OpenDisplay`` of the drivers. ``seen`` is told of every frame."""

    def __init__(self, seen: Callable[[Frame], None] = lambda _: None) -> None:
        self.columns, self.rows = COLUMNS, ROWS
        self.frame: Frame | None = None
        self.beeps = 0
        self._seen = seen
        self._changed = asyncio.Event()

    @property
    def prompt(self) -> str:
        return "" if self.frame is None else self.frame.prompt

    @property
    def text(self) -> str:
        """The rows that have something on them."""
        rows = () if self.frame is None else self.frame.rows
        return "\n".join(row.text.rstrip() for row in rows if row.text.strip())

    def show(self, frame: Frame) -> None:
        self.frame = frame
        self._seen(frame)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def changed(self) -> Coroutine[Any, Any, bool]:
        """Until there is another frame than at the moment of the call."""
        return self._changed.wait()

    def beep(self) -> None:
        self.beeps += 1

    def close(self) -> None:
        return

"""A panel on the Pi's bus. Drawing and sending happen in one thread, off the loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pos_drivers.luma_paint import Box, Painter
from pos_drivers.luma_panel import Panel
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.ports import DeviceState, Frame, Sink

if TYPE_CHECKING:
    from PIL.Image import Image


class LumaDisplay:
    """Fulfils ``ports.Display``. Frames that come while one is on the bus: only the last is sent.

    Only what changed of a picture is sent; all of it to a panel that failed, which is opened
    anew for it by ``reopen``: one that was plugged in again knows nothing of its settings.
    ``driver`` names the panel in messages. Panels have no beeper: ``beep`` does nothing.
    """

    def __init__(
        self,
        panel: Panel,
        painter: Painter,
        *,
        columns: int,
        rows: int,
        driver: str = "dummy",
        interface: str = "dummy",
        sink: Sink = lambda _: None,
        reopen: Callable[[], Panel] | None = None,
    ) -> None:
        self.columns = columns
        self.rows = rows
        self._panel = panel
        self._painter = painter
        self._driver, self._interface = driver, interface
        self._sink = sink
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="display")
        self._lock = threading.Lock()
        self._next: Frame | None = None
        self._drawing = False
        self._reopen = reopen
        self._unknown = True
        """Nobody knows what the panel shows: it was opened just now, or the last sending failed."""
        self._failed = False
        self._up = True
        self._loop: asyncio.AbstractEventLoop | None = None

    def show(self, frame: Frame) -> None:
        self._loop = asyncio.get_running_loop()
        with self._lock:
            self._next = frame
            if self._drawing:
                return
            self._drawing = True
        self._thread.submit(self._draw)

    def beep(self) -> None: ...

    async def settled(self) -> None:
        """Until everything shown so far is on the panel."""
        await asyncio.wrap_future(self._thread.submit(lambda: None))

    async def picture(self) -> Image:
        """A copy of what the panel shows."""
        return await asyncio.wrap_future(self._thread.submit(self._painter.picture))

    def close(self) -> None:
        """Panel off. Waits for the picture that is on the bus."""
        self._thread.submit(self._panel.cleanup)
        self._thread.shutdown(wait=True)

    def _draw(self) -> None:
        """In the drawing thread: until no newer frame is there."""
        while (frame := self._take()) is not None:
            try:
                self._send(self._painter.paint(frame))
            except Exception as error:  # whatever the panel's driver raises: the clerk goes on
                self._report(False, self._broken(error))
            else:
                self._report(True, say("display.ok"))

    def _send(self, boxes: tuple[Box, ...]) -> None:
        if self._failed:
            self._open_anew()
        if self._unknown:
            boxes = self._painter.whole
        if boxes:
            self._unknown = self._failed = True
            self._panel.show(self._painter.image, boxes)
            self._unknown = self._failed = False

    def _open_anew(self) -> None:
        if self._reopen is None:
            return
        with contextlib.suppress(Exception):  # of a panel that may be gone
            self._panel.cleanup()
        self._panel = self._reopen()

    def _take(self) -> Frame | None:
        with self._lock:
            frame, self._next = self._next, None
            self._drawing = frame is not None
            return frame

    def _broken(self, error: Exception) -> Words:
        if isinstance(error, Failure):
            return error.words
        cause = str(error) or type(error).__name__
        return say("display.panel", device=self._driver, interface=self._interface, cause=cause)

    def _report(self, up: bool, words: Words) -> None:
        """A change of health, over to the loop: the one doorway from this thread."""
        if up == self._up or self._loop is None:
            return
        self._up = up
        self._loop.call_soon_threadsafe(self._sink, DeviceState("display", up, words))

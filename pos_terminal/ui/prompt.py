"""The one primitive under every screen: show a page, wait for an event that it accepts.

Keys typed ahead are kept for a prompt that only collects (a number, a PIN). A prompt whose answer
moves money is *fresh*: what was pressed before it was on the screen never answers it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar, cast

from msgspec.structs import replace

from pos_terminal.core.words import Words, say
from pos_terminal.ports import (
    CardArrived,
    CardLeft,
    DeviceState,
    Display,
    FileWaits,
    Frame,
    InputEvent,
    Key,
    KeyPressed,
    ScanDropped,
    Scanned,
)
from pos_terminal.texts import Language
from pos_terminal.ui.page import Page, body_overflow, lay_out, row_of, turned

T = TypeVar("T")

_CANCEL: Final = KeyPressed(Key.CANCEL)
_NO_SCAN: Final = say("ui.no_scan")
_QUEUE_LIMIT: Final = 64
"""Events kept for later prompts; a jammed key fills no memory."""
_SHOWN_LIMIT: Final = 128
"""Frames kept for whoever looks from outside; a digit that is typed makes one."""


class Cancelled(Exception):
    """The person pressed cancel; the flow unwinds to where it began."""


class Ui:
    """The screen, its current prompt and the events that wait for it."""

    def __init__(self, display: Display, language: Language) -> None:
        self.language = language
        self._display = display
        self._events: deque[InputEvent] = deque(maxlen=_QUEUE_LIMIT)
        self._listening: _Listening | None = None
        """The prompt that waits, having heard all events so far."""
        self._page: Page | None = None
        self._live: Callable[[], Page] | None = None
        """Makes the current page anew at a refresh, where what it says may change."""
        self._frame: Frame | None = None
        self._shown: deque[Frame] = deque(maxlen=_SHOWN_LIMIT)
        self._serial = 0
        """How many frames were shown so far: the number of the last one in ``_shown``."""
        self.asked = 0
        """How many prompts there were so far."""
        self._changed: asyncio.Future[None] | None = None
        self._status: Callable[[], Sequence[Words]] = tuple
        self._watchers: list[Callable[[InputEvent], None]] = []
        self._idle_seconds: float | None = None
        self._unlock: Callable[[], Awaitable[None]] | None = None
        self._unlocking = False
        self._while_locked: list[InputEvent] = []
        """Cards that came and went meanwhile: the flow that goes on must hear of them."""

    # --- wiring -----------------------------------------------------------------------------

    def show_status(self, status: Callable[[], Sequence[Words]]) -> None:
        """Short warnings for the title row, asked for at every frame."""
        self._status = status

    def watch(self, watcher: Callable[[InputEvent], None]) -> None:
        """Be told of every event as it comes in, before any prompt."""
        self._watchers.append(watcher)

    def lock_when_idle(self, seconds: float, unlock: Callable[[], Awaitable[None]]) -> None:
        """Run ``unlock`` when no event came for so long, then go on where the flow was (R26)."""
        self._idle_seconds, self._unlock = seconds, unlock

    def post(self, event: InputEvent) -> None:
        """The sink of all drivers."""
        for watcher in self._watchers:
            watcher(event)
        if isinstance(event, DeviceState):
            self.refresh()
            return
        if self._unlocking and isinstance(event, CardArrived | CardLeft | FileWaits):
            self._while_locked.append(event)
        if self._listening is None or not self._listening.take(event):
            self._events.append(event)

    # --- what is on the screen ----------------------------------------------------------------

    @property
    def frame(self) -> Frame | None:
        """What the person sees now."""
        return self._frame

    def shown_since(self, serial: int) -> Sequence[tuple[int, Frame]]:
        """The frames shown after the one of this number, numbered from 1; the oldest are dropped
        at last."""
        first = self._serial - len(self._shown) + 1
        numbered = enumerate(self._shown, first)
        return [(number, frame) for number, frame in numbered if number > serial]

    @property
    def locked(self) -> bool:
        """Whether the idle lock is on the screen; ``unlocked`` waits for its end."""
        return self._unlocking

    async def unlocked(self) -> None:
        while self._unlocking:
            await self.changed()

    @property
    def prompt_name(self) -> str:
        return "" if self._page is None else self._page.name

    async def changed(self) -> None:
        """Until another frame is shown."""
        if self._changed is None or self._changed.done():
            self._changed = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._changed)

    def show(self, page: Page | Callable[[], Page]) -> None:
        """Put a page on the screen without asking anything. One that is made by a function is made
        anew whenever something changed."""
        self._page, self._live = (page, None) if isinstance(page, Page) else (None, page)
        self.refresh()

    def refresh(self) -> None:
        """Draw the current page again: a status changed."""
        if self._live is not None:
            top = 0 if self._page is None else self._page.top
            self._page = replace(self._live(), top=top)
        self._draw()

    def _draw(self) -> None:
        if self._page is None:
            return
        frame = lay_out(
            self._page, self._display.columns, self._display.rows, self.language, self._status()
        )
        if frame == self._frame:
            return
        self._frame = frame
        self._serial += 1
        self._shown.append(frame)
        self._display.show(frame)
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    def beep(self) -> None:
        self._display.beep()

    def overflow(self, page: Page) -> int:
        """How many rows of the page's body are out of sight."""
        return body_overflow(page, self._display.columns, self._display.rows, self.language)

    def row_of(self, page: Page, index: int) -> int:
        """The first body row to show for this line to be well in sight."""
        return row_of(page, index, self._display.columns, self._display.rows, self.language)

    def turned(self, page: Page, *, down: bool) -> int:
        """The first body row that is in sight after a turn of the page."""
        return turned(page, down, self._display.columns, self._display.rows, self.language)

    # --- asking -------------------------------------------------------------------------------

    def drop_stale(self) -> None:
        """Forget what was pressed or scanned so far; card events stay true and are kept."""
        kept = [e for e in self._events if isinstance(e, CardArrived | CardLeft)]
        self._events.clear()
        self._events.extend(kept)

    def leave_if_cancelled(self) -> None:
        """Raises Cancelled where cancel was pressed while nothing was asked; what else was typed
        is forgotten with it."""
        if _CANCEL in self._events:
            self.drop_stale()
            raise Cancelled

    async def _answer(self, hear: Callable[[InputEvent], T | None]) -> T:
        """What ``hear`` makes of the first event that it answers; the idle lock in between."""
        while True:
            while self._events:
                answer = hear(self._events.popleft())
                if answer is not None:
                    return answer
            locks = self._unlock is not None and not self._unlocking
            listening = _Listening(hear, self._idle_seconds if locks else None)
            self._listening = listening
            try:
                await listening.ended
            finally:
                self._listening = None
                listening.close()
            if listening.answer is not None:
                return cast(T, listening.answer)
            await self._lock()

    async def _lock(self) -> None:
        """The lock's own prompts in between; then the flow's page, and what cards did meanwhile."""
        page, live = self._page, self._live
        self._unlocking = True
        self._while_locked.clear()
        try:
            if self._unlock is not None:
                await self._unlock()
        finally:
            self._unlocking = False
        self._events.extend(self._while_locked)
        if page is not None:
            self._page, self._live = page, live
            self.refresh()

    async def prompt(
        self,
        page: Page | Callable[[], Page],
        accept: Callable[[InputEvent], T | Page | None],
        *,
        fresh: bool = False,
        cancellable: bool = True,
    ) -> T:
        """Show ``page`` until ``accept`` makes a result of an event.

        ``accept`` may answer another page (an entry that grew) to show instead, or None to
        ignore the event with a beep, and a scan with a word, too. Cancel raises Cancelled unless
        the page can't be left. Up and down move through a page that is longer than the screen. A
        page that is made by a function is made anew whenever something changed.
        """
        self.asked += 1
        self.show(page)
        if fresh:
            self.drop_stale()

        def hear(event: InputEvent) -> T | None:
            if cancellable and event == _CANCEL:
                raise Cancelled
            answer = accept(event)
            if isinstance(answer, Page):
                self.show(answer)
            elif answer is not None:
                return answer
            elif isinstance(event, KeyPressed | Scanned | ScanDropped) and not self._scroll(event):
                self.beep()
                if cancellable and isinstance(event, Scanned):
                    self._say_no_scan()
            return None

        return await self._answer(hear)

    def _say_no_scan(self) -> None:
        """Until something changes: who scans the next receipt must not go on with this sale."""
        if self._page is not None:
            self._page = replace(self._page, hint=_NO_SCAN)
            self._draw()

    def _scroll(self, event: InputEvent) -> bool:
        """Whether the key moved through the page that is on the screen."""
        page = self._page
        if page is None or page.chosen is not None:
            return False
        if event not in (KeyPressed(Key.UP), KeyPressed(Key.DOWN)):
            return False
        top = self.turned(page, down=event == KeyPressed(Key.DOWN))
        if top == page.top:
            return False
        self._page = replace(page, top=top)
        self.refresh()
        return True


class _Listening:
    """A prompt that waits: an event that it does not end with is answered where it arrives, as
    most keys only change the page; a turn of the loop for each would make the echo slower."""

    def __init__(
        self, hear: Callable[[InputEvent], object | None], idle_seconds: float | None
    ) -> None:
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._idle_seconds = idle_seconds
        self._heard_at = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self.answer: object | None = None
        """None where the wait ended without one: too long a time without an event."""
        if idle_seconds is not None:
            self._timer = self._loop.call_later(idle_seconds, self._look)

    def take(self, event: InputEvent) -> bool:
        """Whether the event was heard; not so once the wait has ended."""
        if self.ended.done():
            return False
        self._heard_at = self._loop.time()
        try:
            self.answer = self._hear(event)
        except Exception as error:  # the flow's, which waits
            self.ended.set_exception(error)
        else:
            if self.answer is not None:
                self.ended.set_result(None)
        return True

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        """The time is over, unless events came since it was set."""
        assert self._idle_seconds is not None  # noqa: S101 - only set with a time
        left = self._heard_at + self._idle_seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        elif not self.ended.done():
            self.ended.set_result(None)

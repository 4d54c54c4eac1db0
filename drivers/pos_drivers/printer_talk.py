"""One conversation with an ESC/POS printer: what is asked, and the answers that belong to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final

from pos_drivers.serial_port import Line
from pos_terminal.wire.escpos_status import (
    FenceReached,
    PlainAnswer,
    PrinterAnswer,
    RealTimeStatus,
)

PADDING: Final = bytes(64)
"""Ends a command that a crash cut off: none of ours has more bytes; NULs alone print nothing."""
INIT: Final = b"\x1b@"
ARM: Final = b"\x1da\x0f"
"""``GS a``: tell of drawer, online, error and paper. ``ESC @`` switches it off."""
PAPER_FENCE: Final = b"\x1dr\x01"
"""``GS r 1``: answered when everything before it was taken up, not when it is printed."""
DRAWER_PULSE: Final = b"\x1bp\x00\x19\xfa"
"""Connector pin 2, on for 50 ms, off for 500 ms."""
ANSWER_SECONDS: Final = 0.6
LONGEST_CHUNK: Final = 256


class Fence(Enum):
    """What a printer can tell of the end of a job."""

    PRINTED = "GS ( H"
    """Function 48: that it is printed."""
    TAKEN_UP = "GS r"
    """That it was taken up."""
    NONE = "-"
    """Nothing."""


def ask_status(n: int) -> bytes:
    """``DLE EOT n``."""
    return bytes((0x10, 0x04, n))


def fence_mark(number: int) -> bytes:
    return b"%04d" % number


def print_fence(mark: bytes) -> bytes:
    """``GS ( H`` function 48: answered when everything before it is printed."""
    return b"\x1d(H\x06\x0000" + mark


def chunks(data: bytes) -> Iterator[bytes]:
    """Rows of the payload: an urgent command goes between two of them, never into one."""
    for row in data.splitlines(keepends=True):
        for start in range(0, len(row), LONGEST_CHUNK):
            yield row[start : start + LONGEST_CHUNK]


class NoMore(Exception):
    """What was waited for can't come any more."""


class Answers:
    """Hands each answer to those who wait for one like it."""

    def __init__(self) -> None:
        self._waiting: list[
            tuple[Callable[[PrinterAnswer], bool], asyncio.Future[PrinterAnswer]]
        ] = []
        self._owed = 0
        """How often ``GS r`` was sent and not answered: its answers bear no mark, and one that
        comes late must not be taken for the next."""

    def expect(self, wanted: Callable[[PrinterAnswer], bool]) -> asyncio.Future[PrinterAnswer]:
        """A future for the next answer of this kind. Cancel it when it is no longer wanted."""
        future: asyncio.Future[PrinterAnswer] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, future))
        return future

    def fence(self, line: Line, known: Fence | None, mark: bytes) -> asyncio.Future[PrinterAnswer]:
        """Send what this printer answers behind the data, both where that is not known yet. The
        future is for its answer, and never done where it has none."""

        def reached(answer: PrinterAnswer) -> bool:
            if isinstance(answer, FenceReached):
                return answer.mark == mark
            return isinstance(answer, PlainAnswer) and known is not Fence.PRINTED

        future = self.expect(reached)
        if known in (None, Fence.PRINTED):
            line.write(print_fence(mark))
        if known in (None, Fence.TAKEN_UP):
            line.write(PAPER_FENCE)
            self._owed += 1
        return future

    async def probe(self, line: Line, seconds: float) -> Fence:
        """Find out what a printer that is ready, and has nothing to do, can tell."""
        future = self.fence(line, Fence.PRINTED, fence_mark(0))
        if await self.within(future, seconds) is not None:
            return Fence.PRINTED
        if future.done() and not future.cancelled():
            return Fence.NONE  # it went away: what is asked now stays owed for good
        future = self.fence(line, Fence.TAKEN_UP, fence_mark(0))
        if await self.within(future, seconds) is not None:
            return Fence.TAKEN_UP
        self.forget()
        return Fence.NONE

    def forget(self) -> None:
        """What was asked before is answered no more."""
        self._owed = 0
        waiting, self._waiting = self._waiting, []
        for _, future in waiting:
            if not future.done():
                future.set_exception(NoMore())
                future.exception()  # nobody may be there any more to hear of it

    def came(self, answer: PrinterAnswer) -> None:
        """To the one who has waited longest; an answer that nobody asked for is dropped."""
        if isinstance(answer, PlainAnswer):
            self._owed = max(0, self._owed - 1)
            if self._owed:
                return
        self._waiting = [entry for entry in self._waiting if not entry[1].done()]
        for wanted, future in self._waiting:
            if wanted(answer):
                future.set_result(answer)
                return

    async def within(
        self, future: asyncio.Future[PrinterAnswer], seconds: float
    ) -> PrinterAnswer | None:
        """The answer, or None after so many seconds, or where it can't come any more."""
        try:
            async with asyncio.timeout(seconds):
                return await future
        except (TimeoutError, NoMore):
            return None


async def real_time_status(
    line: Line, answers: Answers, seconds: float
) -> dict[int, RealTimeStatus]:
    """``DLE EOT`` 1, 2, 4, and 3 where there is an error; empty from a printer that is silent."""
    result: dict[int, RealTimeStatus] = {}
    for n in (1, 2, 4):
        answer = await _ask(line, answers, n, seconds)
        if answer is None:
            if n == 1:
                return result
            continue
        result[n] = answer
    second = result.get(2)
    if second is not None and second.error:
        answer = await _ask(line, answers, 3, seconds)
        if answer is not None:
            result[3] = answer
    return result


async def _ask(line: Line, answers: Answers, n: int, seconds: float) -> RealTimeStatus | None:
    future = answers.expect(lambda answer: isinstance(answer, RealTimeStatus))
    line.write_urgent(ask_status(n))
    answer = await answers.within(future, seconds)
    return answer if isinstance(answer, RealTimeStatus) else None

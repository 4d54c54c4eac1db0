"""How a printer tells of its status: in real time when it is asked, or by itself, soon or late."""

from __future__ import annotations

import asyncio
from typing import Final

from pos_drivers.printer_said import Said
from pos_drivers.printer_status import from_automatic, from_real_time
from pos_drivers.printer_talk import ANSWER_SECONDS, ARM, Answers, real_time_status
from pos_drivers.serial_port import Line
from pos_terminal.wire.escpos_status import AutomaticStatus

SLOWEST_SECONDS: Final = 5.0
NUDGE_SECONDS: Final = 2.0
SELDOM_SECONDS: Final = 600.0


class Asking:
    """What was heard goes to ``said``."""

    def __init__(self, line: Line, answers: Answers, said: Said) -> None:
        self._line, self._answers, self._said = line, answers, said
        self.real_time = self.automatic = False
        """Whether it answers ``DLE EOT``; whether it tells of changes by itself."""
        self._asked_at: float | None = None
        """When automatic status was armed first without an answer yet, by the loop's clock."""
        self._slow = ANSWER_SECONDS
        """How long a printer that tells nothing else takes to say its automatic status."""
        self._busy_until = 0.0
        """Until when a slip that was taken up may still be coming out."""
        self._pause = NUDGE_SECONDS
        self._nudge_at = 0.0

    async def anew(self) -> bool:
        """After a greeting: find out whether it answers in real time."""
        self.automatic = False
        self.real_time = await self.refresh()
        return self.real_time

    async def again(self) -> bool:
        """Whether it answers now."""
        return await (self.refresh() if self.real_time else self.arm(b""))

    async def refresh(self, seconds: float = ANSWER_SECONDS) -> bool:
        """Ask in real time; whether there was an answer."""
        answers = await real_time_status(self._line, self._answers, seconds)
        if answers and self._line.is_open:
            self._said.set(from_real_time(answers))
        return bool(answers)

    async def arm(self, before: bytes) -> bool:
        """Switch automatic status on; the printer says it once right away. One that says nothing
        in real time may do so late, and behind a slip that is still coming out."""
        future = self._answers.expect(lambda answer: isinstance(answer, AutomaticStatus))
        self._line.write(before + ARM)
        now = asyncio.get_running_loop().time()
        self._asked_at = now if self._asked_at is None else self._asked_at
        seconds = ANSWER_SECONDS + len(before) * 10 / self._line.baud
        if not self.real_time:
            seconds += max(self._slow, self._busy_until - now)
        return await self._answers.within(future, seconds) is not None

    def told(self, seen: AutomaticStatus) -> None:
        """Automatic status; of a job's first moments only what real time doesn't contradict."""
        self.automatic = True
        now = asyncio.get_running_loop().time()
        if self._asked_at is not None and not self.real_time:
            self._slow = min(max(self._slow, now - self._asked_at), SLOWEST_SECONDS)
        self._asked_at = None
        self._pause, self._nudge_at = NUDGE_SECONDS, now + NUDGE_SECONDS
        self._said.set(from_automatic(seen), perhaps_late=self.real_time)

    def nudge(self) -> None:
        """Arm automatic status again on a printer that has no other, and is in trouble: switched
        off and on meanwhile, it tells nothing more. Ever seldomer, since one that is offline only
        takes it into its buffer."""
        now = asyncio.get_running_loop().time()
        if self.real_time or not self._line.idle or now < self._nudge_at:
            return
        self._pause = min(2 * self._pause, SELDOM_SECONDS)
        self._nudge_at = now + self._pause
        self._line.write(ARM)

    def busy(self, seconds: float) -> None:
        """What it has taken up takes so long to come out."""
        self._busy_until = asyncio.get_running_loop().time() + seconds

    def forget(self) -> None:
        """It may be another printer now, or has begun anew."""
        self._asked_at = None

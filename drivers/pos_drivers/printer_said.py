"""What a printer says of itself: the status that people see, and whether it was well all along."""

from __future__ import annotations

import asyncio
from typing import Final

from msgspec.structs import replace

from pos_drivers.printer_status import away, device_state
from pos_terminal.core.words import say
from pos_terminal.ports import PrinterStatus, Sink

LATE_SECONDS: Final = 2.0
"""By so much some printers tell late, by automatic status, what has changed."""


class Said:
    """The newest status. ``sink`` hears of what people should see."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.status = away(say("printer.not_ready"))
        self.changed = asyncio.Event()
        """Set, and replaced, at each change of the status."""
        self.stained = False
        """Whether it said, since the first byte of the job, that it can't print."""
        self._begun_at = 0.0
        """When that was, by the loop's clock."""
        self._anyway = False
        """Whether it is ready though it says that it is offline."""

    def begin(self) -> None:
        """The first byte of a job."""
        self.stained, self._begun_at = False, asyncio.get_running_loop().time()

    def set(self, status: PrinterStatus, *, perhaps_late: bool = False) -> None:
        """``perhaps_late``: of a job's first moments it may tell how it was before them, and real
        time has to be asked as well."""
        if self._anyway and status.says_offline:
            status = replace(status, overruled=True)
        if not status.ready and not (perhaps_late and self._just_begun):
            self.stained = True
        if status == self.status:
            return
        old, self.status = self.status, status
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()
        if device_state(status) != device_state(old):
            self._sink(device_state(status))

    @property
    def _just_begun(self) -> bool:
        return asyncio.get_running_loop().time() - self._begun_at < LATE_SECONDS

    def overrule(self) -> None:
        """What it says now, where that names nothing to mend, counts as ready."""
        if self.status.says_offline:
            self._anyway = True
            self.set(self.status)

    def another(self) -> None:
        """It may be another printer now."""
        self._anyway = False

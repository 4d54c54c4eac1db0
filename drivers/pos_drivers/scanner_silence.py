"""What both kinds of scanner share: posting results, and an end for scans that have none."""

from __future__ import annotations

import asyncio
import logging

from pos_terminal.core.dropped import Drop
from pos_terminal.core.words import say
from pos_terminal.ports import ScanDropped, Scanned, Sink
from pos_terminal.texts import technician
from pos_terminal.wire.scan import Assembler, Code

log = logging.getLogger(__name__)


def post(sink: Sink, result: Code | Drop | None) -> None:
    """A whole code, or the reason why one was dropped, to the sink; the technician's to the log."""
    match result:
        case Code(text, symbology):
            sink(Scanned(text, symbology))
        case Drop():
            log.warning("a scan was dropped: %s", technician(say(f"scan.{result}")))
            sink(ScanDropped(result))
        case None:
            pass


class SilenceTimer:
    """Drops a scan that has begun and never ends. No timer runs while nothing is being scanned."""

    def __init__(self, scan: Assembler, sink: Sink) -> None:
        self._scan = scan
        self._sink = sink
        self._timer: asyncio.TimerHandle | None = None

    def restart(self) -> None:
        """After all that was sent: silence is counted from here."""
        self.stop()
        if self._scan.partial:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._scan.silence, self._expire)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        post(self._sink, self._scan.expire())
        self.restart()  # its tail may come late

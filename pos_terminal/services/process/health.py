"""Readiness, watchdog pings and the loop's lag: what systemd and the technician want to know."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Mapping
from typing import Final

log = logging.getLogger(__name__)

_LAG_TO_REPORT: Final = 0.25
"""Seconds by which a ping may be late before the log says so."""


class Notifier:
    """sd_notify(3): datagrams to ``NOTIFY_SOCKET``; does nothing where the environment has none."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        self._address = environment.get("NOTIFY_SOCKET", "")
        self.interval = _interval(environment)

    def send(self, state: str) -> None:
        """``READY=1``, ``STATUS=…``, ``STOPPING=1``, ``WATCHDOG=1``."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notify,
        ):
            notify.setblocking(False)
            notify.sendto(state.encode(), address)


def _interval(environment: Mapping[str, str]) -> float | None:
    """Seconds between pings, a third of WATCHDOG_USEC; None where no watchdog waits for them."""
    pid = environment.get("WATCHDOG_PID", "")
    if pid and pid != str(os.getpid()):
        return None
    try:
        return int(environment["WATCHDOG_USEC"]) / 3_000_000
    except (KeyError, ValueError):
        return None


class Heartbeat:
    """Pings the watchdog from the loop, so that a frozen loop is restarted; measures its lag."""

    def __init__(self, notifier: Notifier, monotonic: Callable[[], float]) -> None:
        self._notifier = notifier
        self._monotonic = monotonic
        self.worst_lag = 0.0
        """Seconds by which a ping was late at worst."""

    async def run(self) -> None:
        """Until cancelled; sleeps for ever where nobody waits for pings."""
        interval = self._notifier.interval
        if interval is None:
            await asyncio.Event().wait()
            return
        while True:
            due = self._monotonic() + interval
            self._notifier.send("WATCHDOG=1")
            await asyncio.sleep(interval)
            lag = self._monotonic() - due
            self.worst_lag = max(self.worst_lag, lag)
            if lag > _LAG_TO_REPORT:
                log.warning("the event loop was %.2f s late: some callback took that long", lag)

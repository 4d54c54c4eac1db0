"""Whether the line carries, found out while nothing else is asked of it (R82)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.services.host import loop_time
from pos_terminal.services.host.link import SETTLE_SECONDS
from pos_terminal.services.host.session import Session

PAUSE_SECONDS: Final = 15.0
"""At least so long between one probe and the next, and after anything else that was tried or
heard. What was not answered is neither: its silence puts no probe off."""
PROBE_SECONDS: Final = 5.0
"""For a connection to one address, and for the answer to an echo."""


class Prober:
    """Probes while it is ``wanted``, as ``probe`` of the profile says: a connection, an echo, or
    nothing. It sleeps for ever while it is not."""

    def __init__(self, session: Session, wanted: Callable[[], bool]) -> None:
        self._session = session
        self._link = session.link
        self._kind = session.profile.probe
        self._wanted = wanted
        self._moved = asyncio.Event()
        self._began = -math.inf
        self._trying: asyncio.Task[None] | None = None

    @property
    def left(self) -> float:
        """Seconds that the probe under way may still take, at most; 0 where none is."""
        if self._trying is None:
            return 0.0
        lines = 2 if self._kind == "echo" else 1
        most = PROBE_SECONDS * (self._link.addresses * lines + lines - 1)
        most += SETTLE_SECONDS * self._link.addresses
        return max(0.0, self._began + most - loop_time.now())

    def look(self) -> None:
        """Whether it is wanted may have changed. A probe that is not is dropped on the spot:
        whoever has a message waits for none of it."""
        if self._trying is not None and not self._wanted():
            self._trying.cancel()
        self._moved.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._moved.clear()
            if self._kind == "none" or not self._wanted():
                await self._moved.wait()
                continue
            wait = self._due() - loop_time.now()
            if wait <= 0:
                await self._once()
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._moved.wait()

    def _due(self) -> float:
        return max(self._began, self._link.seen.tried_at) + PAUSE_SECONDS

    async def _once(self) -> None:
        self._began = loop_time.now()
        self._trying = asyncio.create_task(self._probe(), name="probe")
        try:
            await asyncio.wait({self._trying})
        finally:
            self._trying.cancel()
            self._trying = None
            self._link.seen.changed()

    async def _probe(self) -> None:
        """What it finds, ``Link.seen`` keeps."""
        with suppress(Failure):
            if self._kind == "connect" or await self._is_silent():
                await self._link.prove(PROBE_SECONDS, instead=self._kind == "echo")

    async def _is_silent(self) -> bool:
        """An echo that is not answered does not tell a dumb host from a dead line."""
        try:
            await self._session.echo(PROBE_SECONDS)
        except Failure as failure:
            return failure.code == "host.silent"
        return False

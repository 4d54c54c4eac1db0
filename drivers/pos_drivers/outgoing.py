"""What waits to be sent on a line: chunks in their order, urgent bytes before them, XOFF obeyed."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque


class Outgoing(ABC):
    """The half of a line that is written to. Whoever inherits it has the wire."""

    def __init__(self) -> None:
        self._queue: deque[bytes] = deque()
        self._urgent: deque[bytes] = deque()
        self._begun: bytes = b""
        """The rest of a chunk whose first bytes are out: it is never parted by an urgent one."""
        self._held = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    @abstractmethod
    def is_open(self) -> bool: ...

    @abstractmethod
    def _go_on(self) -> None:
        """Send what may be sent now, unless that is under way."""

    @property
    def held(self) -> bool:
        """Whether the device said XOFF."""
        return self._held

    @property
    def stuck(self) -> bool:
        """XOFF came inside a chunk: even an urgent command would fall into a command now."""
        return self._held and bool(self._begun)

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be sent."""
        return self._empty.is_set()

    def write(self, data: bytes) -> None:
        """Queue one chunk. Small ones: an XOFF and urgent bytes act between and within them."""
        self._put(self._queue, data)

    def write_urgent(self, data: bytes) -> None:
        """A real-time command: before all queued chunks and in spite of an XOFF."""
        self._put(self._urgent, data)

    def hold(self) -> None:
        """XOFF came: send nothing but urgent bytes."""
        self._held = True

    def release(self) -> None:
        """XON came."""
        self._held = False
        self._go_on()

    async def sent(self) -> None:
        """Until every queued byte is with the system, or the line is closed."""
        await self._empty.wait()

    def _put(self, queue: deque[bytes], data: bytes) -> None:
        if self.is_open and data:
            queue.append(data)
            self._empty.clear()
            self._go_on()

    def _something_to_send(self) -> bool:
        """Under XOFF only urgent bytes, and only between two chunks."""
        if self._held:
            return bool(self._urgent) and not self._begun
        return bool(self._begun or self._urgent or self._queue)

    def _next(self) -> bytes:
        """What goes first of it; whoever sends it notes the rest as begun."""
        return self._begun or (self._urgent or self._queue).popleft()

    def _note_empty(self) -> None:
        if not (self._begun or self._urgent or self._queue):
            self._empty.set()

    def _forget(self) -> None:
        """The line is closed: nothing of it will be sent."""
        self._begun = b""
        self._queue.clear()
        self._urgent.clear()
        self._empty.set()

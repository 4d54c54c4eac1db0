"""A virtual-time event loop: when nothing is ready, the clock jumps to the next timer.

Holds only for what lives on the loop: in-process sockets, pipes and fakes. Threads don't: the
default executor refuses to work, so that a forgotten ``to_thread`` is found at once.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

_DEADLOCK_SECONDS = 0.5
"""Real time that in-process sockets get before a loop with no timer counts as stuck."""


class Deadlock(RuntimeError):
    """Nothing is ready and no timer is set: the simulated world would wait for ever."""


class _JumpingSelector(selectors.DefaultSelector):
    """Never sleeps: asks what is ready now, and otherwise moves the loop's time."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None:
            ready = super().select(_DEADLOCK_SECONDS)
            if not ready:
                raise Deadlock("nothing is ready and no timer is set")
            return ready
        self.time += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """``time()`` is virtual seconds since the loop was made."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.time

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Any, *args: Any
    ) -> Any:
        raise RuntimeError(f"no threads under virtual time: {func!r}")


class VirtualClock:
    """Wall and monotonic time of a virtual loop; fulfils ``pos_terminal.ports.Clock``."""

    def __init__(self, loop: VirtualLoop, start: datetime) -> None:
        self._loop = loop
        self._start = start

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        return self._loop.time()

    def set(self, moment: datetime) -> None:
        """Somebody changed the clock."""
        self._start = moment - timedelta(seconds=self._loop.time())


async def run_inline(function: Callable[[], T]) -> T:
    """A ``ports.Runner`` for virtual time: the work is done on the loop."""
    return function()


def run_virtual(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run ``main`` to its end on a fresh virtual loop."""
    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))

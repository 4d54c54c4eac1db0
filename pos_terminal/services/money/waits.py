"""What somebody waits for who waits for the acquirer, and how long at most."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from pos_terminal.ports import Awaited, Waiting
from pos_terminal.services.host import loop_time

_HARDLY: Final = 0.001
"""Seconds that are none: what is drawn every second then leaves none out."""
_Wait = tuple[Awaited, Callable[[], float]]
"""What is waited for, and until when in the loop's seconds."""


class Waits:
    """All that are under way. ``changed`` draws the screen anew."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._waits: list[_Wait] = []

    @property
    def newest(self) -> Waiting | None:
        """None where nobody waits."""
        if not self._waits:
            return None
        what, until = self._waits[-1]
        return Waiting(what, max(0, math.ceil(until() - loop_time.now() - _HARDLY)))

    def counting_down(self, what: Awaited, seconds: float) -> AbstractContextManager[None]:
        """Somebody waits for it, so long at most."""
        end = loop_time.now() + seconds
        return self.awaiting(what, lambda: end)

    @contextmanager
    def awaiting(self, what: Awaited, until: Callable[[], float]) -> Iterator[None]:
        """As long as ``until`` says by then. Told at once only where it is another prompt: what is
        over within a second costs no drawing."""
        wait = (what, until)
        told = self._changed if what is Awaited.OWED else lambda: None
        self._waits.append(wait)
        told()
        try:
            yield
        finally:
            self._waits.remove(wait)
            told()

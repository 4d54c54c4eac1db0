"""How often a caller may have what there is only so much of."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from pos_terminal.control.refusals import MOST_CALLERS, OTHERS

A_MINUTE: Final = 60
"""Ten tills with a sale each ten seconds; in a day a twelfth of the trace numbers of a batch."""


class _Left(Struct):
    pieces: float
    at: float


class Pace:
    """So many a minute for each caller (user id), as many at once after a minute without any."""

    def __init__(self, a_minute: int = A_MINUTE) -> None:
        self._a_minute = a_minute
        self._left: dict[int, _Left] = {}

    def take(self, uid: int, now: float) -> bool:
        """Whether there is one left for this caller. ``now`` in seconds that only go forward."""
        left = self._of(uid, now)
        grown = left.pieces + (now - left.at) * self._a_minute / 60
        left.pieces, left.at = min(grown, float(self._a_minute)), now
        if left.pieces < 1:
            return False
        left.pieces -= 1
        return True

    def _of(self, uid: int, now: float) -> _Left:
        """Callers for whom there is no place share one."""
        full = [one for one, left in self._left.items() if now - left.at >= 60]
        for one in full:
            del self._left[one]
        key = uid if uid in self._left or len(self._left) < MOST_CALLERS else OTHERS
        return self._left.setdefault(key, _Left(float(self._a_minute), now))

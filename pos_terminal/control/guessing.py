"""A voucher's number is money: whoever tries wrong ones is looked at no longer for a while.

A number that is well formed and was never issued is a guess; one that is misread or another
terminal's tells nothing, but nobody scans ten of them in ten minutes either.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from msgspec import Struct, field

from pos_terminal.control.refusals import DAY, MOST_CALLERS, OTHERS
from pos_terminal.core.words import FailureCode, VoucherFailure

LOCK_SECONDS: Final = 600.0
MOST_POINTS: Final = 10
"""In ten minutes: five guesses, or ten numbers that could be nobody's guess."""
GUESSES_A_DAY: Final = 5
"""After so many each further one locks at once: some 150 a day, of ten million numbers."""
_POINTS: Final = {
    "voucher.unknown": 2,
    "voucher.misread": 1,
    "voucher.none": 1,
    "voucher.foreign": 1,
    "voucher.elsewhere": 1,
}


class _Tries(Struct):
    """Of one caller. Times in seconds of a clock that only goes forward."""

    last: float
    locked_until: float = 0.0
    lately: deque[tuple[float, int]] = field(default_factory=deque)
    guesses: deque[float] = field(default_factory=lambda: deque(maxlen=GUESSES_A_DAY))
    """Of the last day; more than these lock anyway."""


class Guessing:
    """Counts wrong numbers by caller (user id)."""

    def __init__(self) -> None:
        self._tries: dict[int, _Tries] = {}

    def check(self, uid: int, now: float) -> None:
        """VoucherFailure ``voucher.locked`` while the caller is, whatever the number."""
        tries = self._of(uid)
        if tries is not None and now < tries.locked_until:
            minutes = -int(-(tries.locked_until - now) // 60)
            raise VoucherFailure("voucher.locked", minutes=minutes)

    def wrong(self, uid: int, cause: FailureCode, now: float) -> bool:
        """Whether this one was too many: the caller is locked from now on."""
        points = _POINTS.get(cause, 0)
        if not points:
            return False
        self._forget(now)
        tries = self._of(uid)
        if tries is None:
            key = uid if len(self._tries) < MOST_CALLERS else OTHERS
            tries = self._tries.setdefault(key, _Tries(now))
        tries.last = now
        if not _too_many(tries, cause, points, now):
            return False
        tries.lately.clear()
        tries.locked_until = now + LOCK_SECONDS
        return True

    def _of(self, uid: int) -> _Tries | None:
        """A caller for whom there was no place shares the lock of all such."""
        return self._tries.get(uid) or self._tries.get(OTHERS)

    def _forget(self, now: float) -> None:
        old = [uid for uid, tries in self._tries.items() if now - tries.last >= DAY]
        for uid in old:
            del self._tries[uid]


def _too_many(tries: _Tries, cause: str, points: int, now: float) -> bool:
    tries.lately.append((now, points))
    while now - tries.lately[0][0] >= LOCK_SECONDS:
        tries.lately.popleft()
    while tries.guesses and now - tries.guesses[0] >= DAY:
        tries.guesses.popleft()
    if cause == "voucher.unknown":
        tries.guesses.append(now)
        if len(tries.guesses) >= GUESSES_A_DAY:
            return True
    return sum(points for _, points in tries.lately) >= MOST_POINTS

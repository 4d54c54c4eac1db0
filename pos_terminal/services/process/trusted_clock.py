"""Wall time that is believed only with a reason: NTP, or the acquirer's sign-on (R70)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pos_terminal.core.words import Words, say

BUILD: Final = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
"""No terminal with this software lived before; an earlier time is wrong. Set at a release."""

_TOLERANCE: Final = timedelta(seconds=60)
"""The system clock is left alone when it agrees with the acquirer's this closely."""


class TrustedClock:
    """Fulfils ``ports.TrustedClock``. The system clock is never set; where it is wrong, the
    acquirer's time is kept and carried on by the monotonic count."""

    def __init__(
        self,
        *,
        wall: Callable[[], datetime],
        synchronised: Callable[[], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.monotonic = monotonic
        self._wall = wall
        self._synchronised = synchronised
        self._last_entry: Callable[[], datetime | None] = lambda: None
        self._told: tuple[datetime, float] | None = None
        """What the acquirer said and when, on the monotonic count; None: the system is right.
        Not an offset to the system clock: that one may be set right at any moment."""
        self._proven = False
        self._refused: Words | None = None

    def hold_against(self, last_entry: Callable[[], datetime | None]) -> None:
        """Never believe a time earlier than the newest journal entry."""
        self._last_entry = last_entry

    def now(self) -> datetime:
        """Aware, with the shop's offset; corrected by what the acquirer said."""
        if self._told is None:
            return self._wall()
        moment, at = self._told
        return moment + timedelta(seconds=self.monotonic() - at)

    @property
    def doubt(self) -> Words | None:
        """Why the time can't be trusted; None when it can."""
        behind = self._behind(self.now())
        if behind is not None:
            return behind
        if self._proven or self._synchronised():
            return None
        return self._refused or say("clock.unproven")

    def acquirer_time(self, mmdd: str, hhmmss: str) -> None:
        """Take fields 13 and 12 of a proven sign-on; the year is the one that comes closest.

        They are whole seconds, and late by the answer's way: where they agree with the system
        clock it is the system clock that is proven, and held against the journal.
        """
        told = nearest(self._wall(), mmdd, hhmmss)
        if told is None:
            self._refused = say("clock.garbled")
            return
        wall = self._wall()
        agrees = abs(told - wall) <= _TOLERANCE
        behind = self._behind(wall if agrees else told)
        if behind is not None:
            self._refused = behind
            return
        self._told = None if agrees else (told, self.monotonic())
        self._proven, self._refused = True, None

    def _behind(self, moment: datetime) -> Words | None:
        last = self._last_entry()
        if last is not None and moment < last - timedelta(seconds=1):
            return say(
                "clock.behind", now=f"{moment:%Y-%m-%d %H:%M}", last=f"{last:%Y-%m-%d %H:%M}"
            )
        if moment < BUILD:
            return say("clock.before_build", now=f"{moment:%Y-%m-%d %H:%M}")
        return None


def nearest(wall: datetime, mmdd: str, hhmmss: str) -> datetime | None:
    """The moment with this MMDD and hhmmss that is closest to the system's idea of the year."""
    candidates = []
    for year in (wall.year - 1, wall.year, wall.year + 1):
        try:
            told = datetime.strptime(f"{year}{mmdd}{hhmmss}", "%Y%m%d%H%M%S")
        except ValueError:
            continue
        candidates.append(told.replace(tzinfo=wall.tzinfo))
    return min(candidates, key=lambda told: abs(told - wall), default=None)


def system_wall() -> datetime:
    """The system's time with the machine's offset."""
    return datetime.now().astimezone()


def kernel_synchronised() -> bool:
    """Whether the kernel says that NTP keeps its clock (adjtimex(2), state TIME_ERROR).

    The service's unit denies that call, along with all that set the clock; then timesyncd's mark
    of its first synchronisation decides.
    """
    import ctypes

    try:
        libc = ctypes.CDLL(None, use_errno=True)
        buffer = ctypes.create_string_buffer(512)  # struct timex; modes = 0 only reads
        state = int(libc.adjtimex(buffer))
    except (OSError, AttributeError):
        return False
    if state < 0:
        return _SYNCHRONISED.exists()
    return state != _TIME_ERROR


_TIME_ERROR: Final = 5
_SYNCHRONISED: Final = Path("/run/systemd/timesync/synchronized")

"""Wall time that is believed only with a reason: NTP, or the acquirer's sign-on (R70).

The acquirer's is believed within reason: a host with a wrong clock, or somebody on a plain line,
would otherwise open return windows, close batches and purge what is to be kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from msgspec import Struct

from pos_terminal.core.local_time import local, readings
from pos_terminal.core.words import Words, say

BUILD: Final = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
"""No terminal with this software lived before; an earlier time is wrong. Set at a release."""

_TOLERANCE: Final = timedelta(seconds=60)
"""The system clock is left alone when it agrees with the acquirer's this closely."""
APART: Final = timedelta(minutes=10)
"""Further from a clock that NTP keeps, or from one that was proven, no acquirer's is believed."""
ASK_AFTER: Final = timedelta(days=1)
"""So far ahead of the last entry a supervisor says whether it is the date,"""
FAR: Final = timedelta(days=40)
"""and so far ahead nobody is asked. Field 13 has no year: a date that is behind reads as one of
next year, eleven months ahead."""
_HOUR: Final = timedelta(hours=1)
_ZONES: Final = timedelta(hours=26)
"""From the westernmost time zone to the easternmost."""


class _Said(Struct, frozen=True):
    """What the acquirer's clock showed, and when, on the monotonic count. Not an offset to the
    system clock: that one may be set right at any moment."""

    moment: datetime
    at: float

    def carried(self, monotonic: float) -> datetime:
        """What it shows now."""
        return self.moment + timedelta(seconds=monotonic - self.at)


class TrustedClock:
    """Fulfils ``ports.TrustedClock``. The system clock is never set; where it is wrong, the
    acquirer's time is kept and carried on by the monotonic count."""

    def __init__(
        self,
        *,
        wall: Callable[[], datetime],
        synchronised: Callable[[], bool],
        zone: tzinfo,
        acquirer_zone: tzinfo | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``zone``: the shop's; ``acquirer_zone``: that of sign-ons, the shop's where none come."""
        self.monotonic = monotonic
        self._wall = wall
        self._synchronised = synchronised
        self._zone = zone
        self._acquirer_zone = acquirer_zone or zone
        self._last_entry: Callable[[], datetime | None] = lambda: None
        self._told: _Said | None = None
        """The acquirer's time where it is believed; None: the system is right."""
        self._said: _Said | None = None
        """What the newest sign-on said, believed or not."""
        self._proven = False
        self._refused: Words | None = None
        """Why the newest sign-on is not believed."""
        self._asked: Words | None = None
        """The date of the newest sign-on, where a supervisor has to confirm it."""

    def hold_against(self, last_entry: Callable[[], datetime | None]) -> None:
        """Never believe a time earlier than the newest journal entry."""
        self._last_entry = last_entry

    def now(self) -> datetime:
        """Aware, with the shop's offset of that day; corrected by what the acquirer said."""
        told = self._told
        return local(self._wall() if told is None else told.carried(self.monotonic()), self._zone)

    @property
    def doubt(self) -> Words | None:
        """Why the time can't be trusted; None when it can."""
        behind = self._behind(self.now())
        if behind is not None:
            return behind
        believed = self._proven and self._asked is None and self._refused is None
        against = self._against_ntp()
        if believed and against is None:
            return None  # whether NTP keeps the clock need not be asked, which takes a while
        if self._synchronised():
            return against
        if self._asked is not None:
            return say("clock.unconfirmed", **self._asked.values)
        if self._refused is not None:
            return self._refused
        return None if self._proven else say("clock.unproven")

    @property
    def question(self) -> Words | None:
        """The date that a supervisor is to confirm; None where there is nothing to confirm."""
        if self._asked is None or self._synchronised():
            return None
        return self._asked

    def confirm(self, asked: Words) -> None:
        """A supervisor said that the date in this question is right."""
        if asked is self._asked and self._said is not None:
            self._believe(self._said, self._said.carried(self.monotonic()))

    def acquirer_time(self, mmdd: str, hhmmss: str) -> None:
        """Take fields 13 and 12 of a proven sign-on; the year is the one that comes closest.

        They are whole seconds, and late by the answer's way: where they agree with the system
        clock it is the system clock that is proven, and held against the journal.
        """
        told = nearest(self._wall(), mmdd, hhmmss, self._acquirer_zone)
        if told is None:
            if not self._proven:
                self._refused = say("clock.garbled")
            return
        said = _Said(told, self.monotonic())
        self._said, self._refused, self._asked = said, None, None
        if self._synchronised():
            self._refused = self._against_ntp()
            if self._refused is None:
                self._told, self._proven = None, True
            return
        agrees = abs(told - self._wall()) <= _TOLERANCE
        self._refused = self._behind(self._wall() if agrees else told)
        if self._refused is None:
            self._within_reason(said)
        elif not agrees and _whole_hours(told - self.now()):
            self._refused = self._apart(self.now(), told)

    def _against_ntp(self) -> Words | None:
        """The acquirer's clock and one that NTP keeps: which of them is wrong can't be told."""
        if self._said is None:
            return None
        here, said = self._wall(), self._said.carried(self.monotonic())
        return None if abs(said - here) <= APART else self._apart(here, said)

    def _apart(self, here: datetime, said: datetime) -> Words:
        """Both times; a difference of whole hours is a time zone's."""
        hours, figures = _whole_hours(said - here), {"ours": here, "theirs": said}
        shown = {name: self._shown(moment) for name, moment in figures.items()}
        if hours:
            return say("clock.zone", hours=f"{hours:+d}", **shown)
        return say("clock.apart", **shown)

    def _within_reason(self, said: _Said) -> None:
        """Without NTP: believed, or not, or only after a person looked at the date."""
        last, before = self._last_entry(), self.now()
        hours = _whole_hours(said.moment - before)
        carried_on = self._proven and abs(said.moment - before) <= APART
        if last is None or carried_on:
            self._believe(said, said.moment)
            return
        figures = {"said": self._shown(said.moment), "last": self._shown(last)}
        if said.moment - last > FAR:
            self._refused = say("clock.far_ahead", **figures)
        elif said.moment - last > ASK_AFTER:
            self._asked = say("clock.confirm", **figures)
        elif hours:
            figures = {"said": figures["said"], "ours": self._shown(before)}
            self._asked = say("clock.confirm_zone", hours=f"{hours:+d}", **figures)
        else:
            self._believe(said, said.moment)

    def _believe(self, said: _Said, now: datetime) -> None:
        self._told = None if abs(now - self._wall()) <= _TOLERANCE else said
        self._proven, self._refused, self._asked = True, None, None

    def _behind(self, moment: datetime) -> Words | None:
        last = self._last_entry()
        if last is not None and moment < last - timedelta(seconds=1):
            return say("clock.behind", now=self._shown(moment), last=self._shown(last))
        if moment < BUILD:
            return say("clock.before_build", now=self._shown(moment))
        return None

    def _shown(self, moment: datetime) -> str:
        return f"{local(moment, self._zone):%Y-%m-%d %H:%M}"


def nearest(wall: datetime, mmdd: str, hhmmss: str, zone: tzinfo) -> datetime | None:
    """The moment at which a clock in ``zone`` shows MMDD and hhmmss that is closest to the
    system's idea of the year; None where there is none."""
    candidates: list[datetime] = []
    for year in (wall.year - 1, wall.year, wall.year + 1):
        try:
            face = datetime.strptime(f"{year}{mmdd}{hhmmss}", "%Y%m%d%H%M%S")
        except ValueError:
            continue
        candidates += readings(face, zone)
    return min(candidates, key=lambda told: abs(told - wall), default=None)


def _whole_hours(off: timedelta) -> int:
    """By how many hours, where they are whole ones as those of a wrong time zone; else 0."""
    hours = round(off / _HOUR)
    return hours if abs(off) <= _ZONES and abs(off - hours * _HOUR) <= _TOLERANCE else 0


def system_wall() -> datetime:
    """The system's time. The machine's time zone has no part in it."""
    return datetime.now(UTC)


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

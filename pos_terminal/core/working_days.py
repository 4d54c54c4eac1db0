"""Which days banks work on: of China's weeks some are moved to a weekend for a holiday (R50)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

_WEEK: Final = 5


class WorkingDays(Struct, frozen=True):
    """Monday to Friday, but for what is listed."""

    off: frozenset[date]
    on: frozenset[date]
    """Weekends that are worked."""
    last: date
    """The last day that the list speaks for; after it Monday to Friday count."""

    def with_days(self, off: Iterable[date], on: Iterable[date]) -> WorkingDays:
        """What the shop says on top has the last word; with holidays it speaks for their year."""
        own_off, own_on = frozenset(off), frozenset(on)
        ends = (date(day.year, 12, 31) for day in own_off)
        return WorkingDays(
            off=(self.off - own_on) | own_off,
            on=(self.on - own_off) | own_on,
            last=max((self.last, *ends)),
        )

    def is_one(self, day: date) -> bool:
        return day in self.on or (day.weekday() < _WEEK and day not in self.off)

    def after(self, day: date, number: int) -> date:
        """The ``number``-th working day after ``day``."""
        while number:
            day += timedelta(days=1)
            number -= self.is_one(day)
        return day

    def back(self, day: date, number: int) -> date:
        """The ``number``-th working day before ``day``."""
        while number:
            day -= timedelta(days=1)
            number -= self.is_one(day)
        return day

"""China's holidays, and the weekends that are worked for them, as a kept library lists them."""

from __future__ import annotations

from datetime import date
from functools import cache

from pos_terminal.core.working_days import WorkingDays


@cache
def of_china() -> WorkingDays:
    """Asks no network. Its list ends with a year, and each release of the library has the next."""
    from chinese_calendar import holidays, workdays  # when it is wanted: few screens count days

    return WorkingDays(frozenset(holidays), frozenset(workdays), date(max(holidays).year, 12, 31))

"""When the acquirer's day of a request is over: nothing of it can be paid after that (R32)."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo

from pos_terminal.core.local_time import local, readings


def day_ends(sealed_at: datetime, cut_off: str, zone: tzinfo) -> datetime:
    """The acquirer's first cut-off after ``sealed_at``, with the acquirer's offset of that day.

    ``cut_off`` is ``HH:MM`` on a clock in ``zone``, the acquirer's. What is sealed after today's
    cut-off belongs to the acquirer's next day. Of an hour that comes twice the later one counts:
    until then the acquirer may still pay.
    """
    day, hour = local(sealed_at, zone).date(), time.fromisoformat(cut_off)
    today, tomorrow = (
        max(readings(datetime.combine(day + timedelta(days=more), hour), zone)) for more in (0, 1)
    )
    return today if sealed_at < today else tomorrow

"""When the acquirer's day of a request is over: nothing of it can be paid after that (R32)."""

from __future__ import annotations

from datetime import datetime, time, timedelta


def day_ends(sealed_at: datetime, cut_off: str, now: datetime) -> datetime:
    """The acquirer's first cut-off after ``sealed_at``, on the shop's clock.

    ``cut_off`` is ``HH:MM`` local time; ``now`` gives the shop's offset. What is sealed after
    today's cut-off belongs to the acquirer's next day.
    """
    sealed = sealed_at.astimezone(now.tzinfo)
    end = datetime.combine(sealed.date(), time.fromisoformat(cut_off), now.tzinfo)
    return end if sealed < end else end + timedelta(days=1)

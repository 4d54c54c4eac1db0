"""Dates and times of the feed: ISO 8601 with an offset."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from pos_terminal.wire.feed.bad import BadLine

_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII
)

_ROOM: Final = timedelta(days=366)


def moment(text: str, name: str) -> datetime:
    """Of the field of this name. BadLine."""
    if not _MOMENT.fullmatch(text):
        raise BadLine("moment", field=name, value=text)
    try:
        at = datetime.fromisoformat(text)
        for days in (-_ROOM, _ROOM):  # for another offset, and what is reckoned from it
            at + days
    except (ValueError, OverflowError):
        raise BadLine("calendar", field=name, value=text) from None
    return at

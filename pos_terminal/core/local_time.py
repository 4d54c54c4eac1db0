"""Moments as a clock on the wall shows them: in the shop's time zone, or in the acquirer's (R95).

Within the terminal every moment has the shop's offset *of its own day*, a fixed one, made so where
moments come in: by the clock, from the ledger, from the feed. Then ``date()`` is the shop's day,
and two moments compare as moments; with the zone itself attached they would compare as clock faces
do, and the hour that comes twice in autumn would be one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

_FOLDS: Final = (0, 1)
"""An hour that the clock shows twice is told apart by ``fold`` (PEP 495)."""


def local(moment: datetime, zone: tzinfo) -> datetime:
    """The aware ``moment`` with the offset that ``zone`` has then."""
    there = moment.astimezone(UTC).astimezone(zone)  # else an hour that is left out stays as it is
    return there.replace(tzinfo=timezone(there.utcoffset() or timedelta()), fold=0)


def readings(face: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """The moments at which a clock in ``zone`` shows the naive ``face``: two of the hour that
    comes twice. An hour that is left out in spring is read as if it were not."""
    return tuple(local(face.replace(tzinfo=zone, fold=fold), zone) for fold in _FOLDS)

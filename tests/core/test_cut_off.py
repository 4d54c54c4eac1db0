"""When the acquirer's day of a request is over (R32)."""

from __future__ import annotations

from datetime import datetime

import pytest

from pos_terminal.core.cut_off import day_ends
from pos_terminal.zones import zone_of

pytestmark = pytest.mark.usefixtures("machine_zone")


@pytest.mark.parametrize(
    ("sealed_at", "end"),
    [
        ("2026-11-20T10:00:00+08:00", "2026-11-20T23:00:00+08:00"),
        ("2026-11-20T22:59:59+08:00", "2026-11-20T23:00:00+08:00"),
        ("2026-11-20T23:00:00+08:00", "2026-11-21T23:00:00+08:00"),
        ("2026-11-20T23:30:00+08:00", "2026-11-21T23:00:00+08:00"),
        ("2026-12-31T23:30:00+08:00", "2027-01-01T23:00:00+08:00"),
        # stored with another offset: the shop's clock decides
        ("2026-11-20T14:59:00+00:00", "2026-11-20T23:00:00+08:00"),
        ("2026-11-20T15:01:00+00:00", "2026-11-21T23:00:00+08:00"),
    ],
)
def test_the_first_cut_off_after_it_was_sealed(sealed_at: str, end: str) -> None:
    found = day_ends(datetime.fromisoformat(sealed_at), "23:00", zone_of("Asia/Shanghai"))
    assert found.isoformat() == end


@pytest.mark.parametrize(
    ("cut_off", "sealed_at", "end"),
    [
        # summer time ends on 2026-11-01 at 06:00 UTC: 01:30 comes twice, and the later one counts
        ("01:30", "2026-10-31T22:00:00-04:00", "2026-11-01T01:30:00-05:00"),
        ("01:30", "2026-11-01T01:40:00-04:00", "2026-11-01T01:30:00-05:00"),
        ("01:30", "2026-11-01T01:30:00-05:00", "2026-11-02T01:30:00-05:00"),
        # and begins on 2026-03-08 at 07:00 UTC: 02:30 is left out
        ("02:30", "2026-03-08T01:00:00-05:00", "2026-03-08T03:30:00-04:00"),
        # each end of day has the offset of its own day
        ("23:00", "2026-10-31T22:30:00-04:00", "2026-10-31T23:00:00-04:00"),
        ("23:00", "2026-10-31T23:30:00-04:00", "2026-11-01T23:00:00-05:00"),
        # sealed in a shop that is elsewhere: 23:00 in New York is noon of the next day there
        ("23:00", "2026-11-21T11:59:00+08:00", "2026-11-20T23:00:00-05:00"),
        ("23:00", "2026-11-21T12:00:00+08:00", "2026-11-21T23:00:00-05:00"),
    ],
)
def test_it_is_on_the_acquirers_clock_through_summer_time(
    cut_off: str, sealed_at: str, end: str
) -> None:
    found = day_ends(datetime.fromisoformat(sealed_at), cut_off, zone_of("America/New_York"))
    assert found.isoformat() == end

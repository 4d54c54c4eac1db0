"""Every moment has the offset that its zone had on that day, whatever the machine's zone (R95)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pos_terminal.core.local_time import local, readings
from pos_terminal.zones import UnknownZone, zone_of

pytestmark = pytest.mark.usefixtures("machine_zone")


@pytest.mark.parametrize(
    ("zone", "told", "shown"),
    [
        ("Asia/Shanghai", "2026-03-07T16:30:00+00:00", "2026-03-08T00:30:00+08:00"),
        ("America/New_York", "2026-03-08T06:59:59+00:00", "2026-03-08T01:59:59-05:00"),
        ("America/New_York", "2026-03-08T07:00:00+00:00", "2026-03-08T03:00:00-04:00"),
        ("America/New_York", "2026-11-01T13:30:00+08:00", "2026-11-01T01:30:00-04:00"),
        ("America/New_York", "2026-11-01T14:30:00+08:00", "2026-11-01T01:30:00-05:00"),
        ("Asia/Kathmandu", "2026-11-01T00:00:00+00:00", "2026-11-01T05:45:00+05:45"),
        ("Australia/Lord_Howe", "2026-07-01T00:00:00+00:00", "2026-07-01T10:30:00+10:30"),
    ],
)
def test_the_clock_on_the_wall(zone: str, told: str, shown: str) -> None:
    moment = datetime.fromisoformat(told)
    assert local(moment, zone_of(zone)).isoformat() == shown
    assert local(moment, zone_of(zone)) == moment


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    zone = zone_of("America/New_York")
    first = local(datetime.fromisoformat("2026-11-01T05:30:00+00:00"), zone)
    second = local(datetime.fromisoformat("2026-11-01T06:30:00+00:00"), zone)
    assert first < second
    assert second - first == timedelta(hours=1)
    assert readings(datetime(2026, 11, 1, 1, 30), zone) == (first, second)


def test_an_hour_that_is_left_out_is_shown_as_it_is_then() -> None:
    found = readings(datetime(2026, 3, 8, 2, 30), zone_of("America/New_York"))
    shown = [one.isoformat() for one in found]
    assert shown == ["2026-03-08T03:30:00-04:00", "2026-03-08T01:30:00-05:00"]


@pytest.mark.parametrize("name", ["Asia/Peking", "", "China Standard Time", "../x", "/etc", "Asia"])
def test_a_zone_that_is_none_is_named(name: str) -> None:
    with pytest.raises(UnknownZone, match="no time zone"):
        zone_of(name)

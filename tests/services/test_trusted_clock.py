"""The clock is believed with a reason only (R70)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from pos_terminal.services.process.trusted_clock import BUILD, TrustedClock, nearest
from pos_terminal.texts import Language, render
from pos_terminal.zones import zone_of

pytestmark = pytest.mark.usefixtures("machine_zone")
CHINA = timezone(timedelta(hours=8))
NOW = datetime(2027, 1, 1, 0, 5, tzinfo=CHINA)


def make(
    wall: datetime = NOW,
    *,
    ntp: bool = False,
    last: datetime | None = None,
    acquirer: tzinfo = CHINA,
) -> TrustedClock:
    clock = TrustedClock(
        wall=lambda: wall,
        synchronised=lambda: ntp,
        zone=CHINA,
        acquirer_zone=acquirer,
        monotonic=lambda: 0.0,
    )
    clock.hold_against(lambda: last)
    return clock


def doubt(clock: TrustedClock) -> str | None:
    return None if clock.doubt is None else clock.doubt.code


def test_without_a_reason_it_is_not_believed() -> None:
    assert doubt(make()) == "clock.unproven"
    assert doubt(make(ntp=True)) is None


def test_a_sign_on_proves_it_and_small_differences_change_nothing() -> None:
    clock = make()
    clock.acquirer_time("0101", "000530")
    assert doubt(clock) is None
    assert clock.now() == NOW


def test_the_acquirers_time_corrects_a_clock_that_is_off_across_new_year() -> None:
    clock = make()
    clock.acquirer_time("1231", "230500")
    assert clock.now() == NOW - timedelta(hours=1)


def test_a_system_clock_that_is_set_right_later_is_not_corrected_twice() -> None:
    """A Pi without a battery starts hours late; the acquirer tells the time, then NTP does."""
    wall, seconds = NOW - timedelta(hours=3), 100.0
    clock = TrustedClock(
        wall=lambda: wall, synchronised=lambda: False, zone=CHINA, monotonic=lambda: seconds
    )
    clock.acquirer_time("0101", "000500")
    seconds += 60.0
    assert clock.now() == NOW + timedelta(seconds=60)
    wall = NOW + timedelta(seconds=60)
    assert clock.now() == NOW + timedelta(seconds=60)
    clock.acquirer_time("0101", "000600")
    assert (clock.now(), doubt(clock)) == (wall, None)


def test_earlier_than_the_last_entry_is_refused_even_with_ntp() -> None:
    last = NOW + timedelta(hours=2)
    assert doubt(make(ntp=True, last=last)) == "clock.behind"
    clock = make(last=last)
    clock.acquirer_time("0101", "000500")
    assert doubt(clock) == "clock.behind"
    clock.acquirer_time("0101", "030000")
    assert doubt(clock) is None


def test_an_entry_written_while_the_sign_on_was_under_way_is_no_reason_to_doubt() -> None:
    """Fields 12 and 13 are whole seconds, and old by the time that the answer took."""
    clock = make(NOW, last=NOW - timedelta(milliseconds=50))
    clock.acquirer_time("0101", "000457")
    assert doubt(clock) is None
    assert clock.now() == NOW


def test_before_the_build_is_refused() -> None:
    wall = BUILD - timedelta(days=700)
    assert doubt(make(wall, ntp=True)) == "clock.before_build"


@pytest.mark.parametrize(("mmdd", "hhmmss"), [("1399", "000000"), ("", ""), ("abcd", "1")])
def test_garbage_proves_nothing(mmdd: str, hhmmss: str) -> None:
    clock = make()
    clock.acquirer_time(mmdd, hhmmss)
    assert doubt(clock) == "clock.garbled"


def test_leap_days_have_their_year() -> None:
    assert nearest(datetime(2027, 12, 1, tzinfo=CHINA), "0229", "000000", CHINA) == datetime(
        2028, 2, 29, tzinfo=CHINA
    )


def sign_on(clock: TrustedClock, moment: datetime) -> None:
    """As an acquirer in China would date it."""
    there = moment.astimezone(CHINA)
    clock.acquirer_time(f"{there:%m%d}", f"{there:%H%M%S}")


MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("off", "found"),
    [
        (-9 * MINUTES, None),
        (9 * MINUTES, None),
        (11 * MINUTES, "clock.apart"),
        (-11 * MINUTES, "clock.apart"),
        (5 * DAYS, "clock.apart"),
        (8 * HOURS, "clock.zone"),
        (-5 * HOURS, "clock.zone"),
    ],
)
def test_an_acquirer_far_from_a_clock_that_ntp_keeps(off: timedelta, found: str | None) -> None:
    clock = make(NOW, ntp=True, last=NOW - HOURS)
    sign_on(clock, NOW + off)
    assert doubt(clock) == found
    assert clock.now() == NOW
    assert clock.question is None
    sign_on(clock, NOW)
    assert doubt(clock) is None


def test_both_clocks_are_named_in_the_shops_time() -> None:
    clock = TrustedClock(
        wall=lambda: NOW.astimezone(UTC),
        synchronised=lambda: True,
        zone=zone_of("America/New_York"),
        acquirer_zone=CHINA,
        monotonic=lambda: 0.0,
    )
    sign_on(clock, NOW + 2 * DAYS)
    said = clock.doubt
    assert said is not None
    figures = {"ours": "2026-12-31 11:05", "theirs": "2027-01-02 11:05"}
    assert (said.code, dict(said.values)) == ("clock.apart", figures)
    for language in Language:
        assert all(figure in render(said, language) for figure in figures.values())


@pytest.mark.parametrize(
    ("ahead", "found"),
    [
        (23 * HOURS + 30 * MINUTES, None),
        (25 * HOURS + 30 * MINUTES, "clock.unconfirmed"),
        (39 * DAYS, "clock.unconfirmed"),
        (41 * DAYS, "clock.far_ahead"),
        (-2 * MINUTES, "clock.behind"),
    ],
)
def test_without_ntp_the_date_is_held_against_the_last_entry(
    ahead: timedelta, found: str | None
) -> None:
    """A Pi without a battery was off for so long: its own clock stands at its last entry."""
    clock = make(NOW, last=NOW)
    sign_on(clock, NOW + ahead)
    assert doubt(clock) == found
    assert (clock.question is not None) is (found == "clock.unconfirmed")
    if found is None:
        assert clock.now() == NOW + ahead


def test_a_supervisor_confirms_the_date_that_was_shown_and_no_other() -> None:
    seconds = 0.0
    clock = TrustedClock(
        wall=lambda: NOW, synchronised=lambda: False, zone=CHINA, monotonic=lambda: seconds
    )
    clock.hold_against(lambda: NOW)
    sign_on(clock, NOW + 3 * DAYS)
    first = clock.question
    assert first is not None
    assert first.values["said"] == "2027-01-04 00:05"
    sign_on(clock, NOW + 4 * DAYS)
    clock.confirm(first)
    assert doubt(clock) == "clock.unconfirmed"
    second = clock.question
    assert second is not None
    seconds = 90.0
    clock.confirm(second)
    assert (doubt(clock), clock.question) == (None, None)
    assert clock.now() == NOW + 4 * DAYS + timedelta(seconds=90)


@pytest.mark.parametrize("hours", [-8, 13])
def test_whole_hours_without_ntp_are_said_as_a_zone(hours: int) -> None:
    """Behind the last entry nobody can say that it is right; ahead of it a supervisor can."""
    clock = make(NOW, last=NOW - 20 * MINUTES)
    sign_on(clock, NOW + hours * HOURS)
    if hours < 0:
        assert doubt(clock) == "clock.zone"
        return
    asked = clock.question
    assert asked is not None
    assert (asked.code, asked.values["hours"]) == ("clock.confirm_zone", f"{hours:+d}")
    clock.confirm(asked)
    assert clock.now() == NOW + hours * HOURS


def test_ntp_that_comes_later_settles_it_or_contradicts_it() -> None:
    ntp, wall = False, NOW
    clock = TrustedClock(
        wall=lambda: wall, synchronised=lambda: ntp, zone=CHINA, monotonic=lambda: 0.0
    )
    clock.hold_against(lambda: NOW - HOURS)
    sign_on(clock, NOW + 3 * DAYS)
    ntp, wall = True, NOW + 3 * DAYS
    assert (doubt(clock), clock.question) == (None, None)
    wall = NOW + 1 * DAYS
    assert doubt(clock) == "clock.apart"


def test_a_clock_that_was_proven_is_not_asked_about_after_a_quiet_weekend() -> None:
    """Nothing was written for three days, but the seconds were counted all along."""
    seconds = 0.0
    clock = TrustedClock(
        wall=lambda: NOW - 100 * DAYS,
        synchronised=lambda: False,
        zone=CHINA,
        monotonic=lambda: seconds,
    )
    clock.hold_against(lambda: NOW)
    sign_on(clock, NOW + MINUTES)
    assert doubt(clock) is None
    seconds = (3 * DAYS).total_seconds()
    sign_on(clock, NOW + 3 * DAYS + 2 * MINUTES)
    assert (doubt(clock), clock.question) == (None, None)


def test_fields_12_and_13_are_on_the_acquirers_clock() -> None:
    zone = zone_of("America/New_York")
    clock = make(NOW - 3 * HOURS, acquirer=zone)
    clock.acquirer_time("1231", "110700")
    assert clock.now() == NOW + 2 * MINUTES


@pytest.mark.parametrize(("wall_minute", "utc_hour"), [(25, 5), (35, 5)])
def test_the_hour_that_comes_twice_is_the_nearer_one(wall_minute: int, utc_hour: int) -> None:
    zone = zone_of("America/New_York")
    wall = datetime(2026, 11, 1, utc_hour, wall_minute, tzinfo=UTC)
    assert nearest(wall, "1101", "013000", zone) == wall.replace(minute=30)
    later = wall + HOURS
    assert nearest(later, "1101", "013000", zone) == later.replace(minute=30)


def test_across_the_end_of_summer_time_the_clock_runs_on() -> None:
    """Counted on the acquirer's time, an hour later is an hour later."""
    zone, seconds = zone_of("America/New_York"), 0.0
    wall = datetime(2026, 11, 1, 5, 30, tzinfo=UTC) - 3 * HOURS
    clock = TrustedClock(
        wall=lambda: wall, synchronised=lambda: False, zone=zone, monotonic=lambda: seconds
    )
    clock.acquirer_time("1101", "013000")
    before = clock.now()
    seconds = 3600.0
    after = clock.now()
    assert (before.isoformat(), after.isoformat()) == (
        "2026-11-01T01:30:00-04:00",
        "2026-11-01T01:30:00-05:00",
    )
    assert after - before == HOURS

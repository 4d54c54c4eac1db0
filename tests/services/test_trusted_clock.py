"""The clock is believed with a reason only (R70)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from pos_terminal.services.process.trusted_clock import BUILD, TrustedClock, nearest

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2027, 1, 1, 0, 5, tzinfo=CHINA)


def make(wall: datetime = NOW, *, ntp: bool = False, last: datetime | None = None) -> TrustedClock:
    clock = TrustedClock(wall=lambda: wall, synchronised=lambda: ntp, monotonic=lambda: 0.0)
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
    clock = TrustedClock(wall=lambda: wall, synchronised=lambda: False, monotonic=lambda: seconds)
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
    assert nearest(datetime(2027, 12, 1, tzinfo=CHINA), "0229", "000000") == datetime(
        2028, 2, 29, tzinfo=CHINA
    )

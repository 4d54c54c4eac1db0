"""Working days as the State Council announced them for 2026 (国办发明电〔2025〕7号), and beyond."""

from __future__ import annotations

from datetime import date

import pytest

from pos_terminal.core.working_days import WorkingDays
from pos_terminal.holidays import of_china


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-01", False),
        ("2026-01-04", True),  # a Sunday, for the 2nd
        ("2026-02-14", True),  # a Saturday, for the Spring Festival
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-05-09", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2026-11-30", True),
        ("2026-11-29", False),
    ],
)
def test_china_works_on_some_weekends(day: str, works: bool) -> None:
    assert of_china().is_one(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("day", "third"),
    [
        ("2026-11-30", "2026-11-25"),
        ("2026-12-01", "2026-11-26"),
        ("2026-02-25", "2026-02-13"),  # 24 and the Saturday 14 worked, nine days off between
        ("2026-10-12", "2026-10-08"),  # Saturday 10, 9 and 8 are worked
    ],
)
def test_three_working_days_back(day: str, third: str) -> None:
    assert of_china().back(date.fromisoformat(day), 3) == date.fromisoformat(third)


def test_beyond_the_list_monday_to_friday_count() -> None:
    after = date(of_china().last.year + 1, 1, 1)
    week = [date.fromordinal(after.toordinal() + n) for n in range(7)]
    assert [of_china().is_one(day) for day in week] == [day.weekday() < 5 for day in week]


def test_what_the_shop_says_has_the_last_word() -> None:
    listed = WorkingDays(
        frozenset(days("2026-10-01")), frozenset(days("2026-10-10")), date(2026, 12, 31)
    )
    own = listed.with_days(days("2026-10-10", "2027-02-05"), days("2026-10-01", "2027-02-07"))
    asked = days("2026-10-10", "2026-10-01", "2027-02-05", "2027-02-07", "2027-02-06")
    assert [own.is_one(day) for day in asked] == [False, True, False, True, False]
    assert own.last == date(2027, 12, 31), (
        "whoever tells a year's holidays need not be asked for it"
    )
    assert listed.with_days([], []).last == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        ("2026-11-20", 1, "2026-11-23"),  # Friday to Monday
        ("2026-11-21", 3, "2026-11-25"),  # from a Saturday
        ("2026-11-16", 0, "2026-11-16"),
        ("2026-09-30", 1, "2026-10-08"),  # over the National Day
        ("2026-02-13", 1, "2026-02-14"),  # a Saturday that is worked
    ],
)
def test_working_days_ahead(start: str, number: int, end: str) -> None:
    found = of_china().after(date.fromisoformat(start), number)
    assert found == date.fromisoformat(end)

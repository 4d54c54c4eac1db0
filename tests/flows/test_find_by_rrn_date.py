"""MMDD of a receipt: a future one means last year (R2)."""

from __future__ import annotations

from datetime import date

import pytest

from pos_terminal.flows.find.ask_day import last_such_day

pytestmark = pytest.mark.usefixtures("machine_zone")
TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("mmdd", "day"),
    [
        ("0304", date(2026, 3, 4)),
        ("0305", date(2025, 3, 5)),
        ("1231", date(2025, 12, 31)),
        ("0229", date(2024, 2, 29)),
        ("0230", None),
        ("1301", None),
        ("0000", None),
    ],
)
def test_last_such_day(mmdd: str, day: date | None) -> None:
    assert last_such_day(mmdd, TODAY) == day

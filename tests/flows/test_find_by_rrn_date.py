"""MMDD of a receipt: a future one means last year (R2), longer ago has its year."""

from __future__ import annotations

from datetime import date

import pytest

from pos_terminal.flows.find.ask_day import day_meant

pytestmark = pytest.mark.usefixtures("machine_zone")
TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("0304", date(2026, 3, 4)),
        ("0305", date(2025, 3, 5)),
        ("1231", date(2025, 12, 31)),
        ("0229", date(2024, 2, 29)),
        ("0230", None),
        ("1301", None),
        ("0000", None),
        ("20250303", date(2025, 3, 3)),
        ("20260304", date(2026, 3, 4)),
        ("20260305", None),
        ("20250229", None),
        ("00000000", None),
        ("2503030", None),
        ("250303", None),
    ],
)
def test_the_day_that_is_meant(typed: str, day: date | None) -> None:
    assert day_meant(typed, TODAY) == day

"""When the acquirer's day of a request is over (R32)."""

from __future__ import annotations

from datetime import datetime

import pytest

from pos_terminal.core.cut_off import day_ends

NOW = datetime.fromisoformat("2026-11-25T09:00:00+08:00")


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
    found = day_ends(datetime.fromisoformat(sealed_at), "23:00", NOW)
    assert found == datetime.fromisoformat(end)
    assert found.utcoffset() == NOW.utcoffset()

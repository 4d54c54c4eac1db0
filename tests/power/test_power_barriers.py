"""Exactly two durable barriers from the card to the queued receipt (R31), counted by strace."""

from __future__ import annotations

from pathlib import Path

import pytest
from hw_sim.proofs.crash.barriers import between, traced
from worlds.crash import Crash


@pytest.fixture
def trace(strace: None, tmp_path: Path) -> Path:
    del strace
    return tmp_path / "trace"


@pytest.mark.parametrize(
    ("sample", "amount"), [("visa-older", "100"), ("visa-today", "")], ids=["refund", "void"]
)
def test_two_barriers_between_card_and_queued_receipt(
    trace: Path, crashing: Crash, sample: str, amount: str
) -> None:
    crash = crashing()
    crash.open_up(words=["--marks"], before=traced(trace))
    crash.give_back(sample, amount)
    crash.stop()
    assert [row["state"] for row in crash.refunds()] == ["accepted"]
    assert between(trace.read_text(), "card:before", "conclude:after") == ["ledger.db-wal"] * 2


def test_barriers_are_counted_as_they_stand_in_a_trace() -> None:
    lines = """\
11 fdatasync(5</d/ledger.db-wal>) = 0
11 access("/crash-point/card:before", F_OK) = -1 ENOENT (No such file or directory)
12 fdatasync(5</d/ledger.db-wal> <unfinished ...>
11 access("/dev/x", F_OK) = 0
12 <... fdatasync resumed>) = 0
12 fsync(7</d/ring.bin>) = 0
11 faccessat(AT_FDCWD, "/crash-point/conclude:after", F_OK) = -1 ENOENT
11 sync() = 0
"""
    assert between(lines, "card:before", "conclude:after") == ["ledger.db-wal", "ring.bin"]
    with pytest.raises(ValueError, match="not in list"):
        between(lines, "card:before", "seal:after")

"""The kernel refuses writes, syncs and reads of the ledger: SQLite itself meets EIO and ENOSPC."""

from __future__ import annotations

from pathlib import Path

import pytest
from hw_sim.proofs.power.injected import Strike, counts, strike


@pytest.mark.parametrize(
    "one",
    [
        Strike("refund", "pwrite64", 70, "EIO"),
        Strike("refund", "pwrite64", 45, "ENOSPC"),
        Strike("void", "fdatasync", 8, "EIO"),
        Strike("visit", "pread64", 30, "EIO"),
        Strike("forms", "pwrite64", 80, "EIO"),
    ],
    ids=str,
)
def test_nothing_that_was_promised_is_missing(strace: None, tmp_path: Path, one: Strike) -> None:
    del strace
    found = strike(one, tmp_path / "struck")
    assert found.problems == []
    assert found.met >= 1


def test_a_disk_that_fails_at_the_start_is_told_on_the_screen(strace: None, tmp_path: Path) -> None:
    del strace
    found = strike(Strike("refund", "pwrite64", 1, "EIO"), tmp_path / "struck")
    assert (found.problems, "存储故障" in found.screen) == ([], True)


def test_the_calls_of_a_story_are_counted(strace: None, tmp_path: Path) -> None:
    del strace
    found = counts("refund", tmp_path / "counted")
    assert found["pwrite64"] > 80
    assert found["fdatasync"] > 10
    assert found["fsync"] >= 1

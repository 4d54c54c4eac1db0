"""A file that held card numbers is wiped: what was read of it, and nothing else (R9, R54)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pos_terminal.services.intake.feed_files import FeedFile, wipe

OTHERS = b"somebody else's"


def test_what_was_read_is_overwritten_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"4761739001010010")
    with path.open("rb") as held, FeedFile(path) as file:
        assert wipe(file)
        assert b"4761739001010010" not in held.read()
    assert not path.exists()


def replaced(path: Path, others: Path) -> None:
    others.replace(path)


def linked(path: Path, others: Path) -> None:
    path.unlink()
    path.symlink_to(others)


def written_to(path: Path, others: Path) -> None:
    path.write_bytes(others.read_bytes())


@pytest.mark.parametrize("change", [replaced, linked, written_to])
def test_what_has_its_name_by_then_is_left(
    tmp_path: Path, change: Callable[[Path, Path], None]
) -> None:
    path, others = tmp_path / "a.jsonl", tmp_path / "b"
    path.write_bytes(b"4761739001010010")
    others.write_bytes(OTHERS)
    with FeedFile(path) as file:
        change(path, others)
        assert not wipe(file)
    assert path.read_bytes() == OTHERS


def test_one_that_is_gone_takes_nothing_with_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"4761739001010010")
    with FeedFile(path) as file:
        path.unlink()
        assert not wipe(file)

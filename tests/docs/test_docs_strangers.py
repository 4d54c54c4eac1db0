"""docs/strangers.md names tests that are there, in each row, and each report that is played."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "strangers.md").read_text("utf-8")
REPORTS = "tests/strangers/test_public_reports.py"
HEADS = set(re.findall(r"^(\| .*)\n\|---", PAGE, re.MULTILINE))
NAMED = re.compile(r"`(tests/[\w/]+\.py)`: |`(test_\w+)`")
ADDRESS = re.compile(r"(?:github\.com/|\b)([\w.-]+/[\w.-]+/(?:issues|pull)/\d+)")


def rows() -> dict[str, list[tuple[str, str]]]:
    """Each row and its tests as (file, name): its own, or the one that is named above the table."""
    found = {}
    default = ""
    for line in PAGE.splitlines():
        if line.startswith("#"):
            default = ""
        elif line.startswith("All by "):
            default = line
        elif line.startswith("| ") and line not in HEADS:
            found[line] = named(line) or named(default)
    return found


def named(text: str) -> list[tuple[str, str]]:
    """A file counts until the next ``;``."""
    found = []
    for part in text.split(";"):
        file = REPORTS
        for another, test in NAMED.findall(part):
            file = another or file
            if test:
                found.append((file, test))
    return found


def addresses(text: str) -> set[str]:
    return set(ADDRESS.findall(text))


@pytest.mark.parametrize("row", rows())
def test_every_row_has_tests_and_they_are_there(row: str) -> None:
    tests = rows()[row]
    assert tests
    for file, test in tests:
        assert re.search(rf"def {test}\b", (ROOT / file).read_text("utf-8")), test


def test_the_reports_that_are_played_are_those_of_the_page() -> None:
    played = addresses((ROOT / REPORTS).read_text("utf-8"))
    told: set[str] = set()
    for row, tests in rows().items():
        if REPORTS in dict(tests):
            told |= addresses(row)
    assert len(told) > 30
    assert played == told

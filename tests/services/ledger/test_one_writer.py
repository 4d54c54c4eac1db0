"""Every table of the ledger is written by its own book, whoever calls it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pos_terminal

ROOT = Path(pos_terminal.__file__).parent
BOOKS = ROOT / "services" / "ledger" / "books"
STEPS = ROOT / "services" / "ledger" / "steps"
"""They know no book: what a table has since then they write by themselves, before it opens."""
MADE = re.compile(r"CREATE TABLE (\w+)")
WRITTEN = re.compile(r"(?:\bUPDATE|\bINTO|\bDELETE FROM) (\w+)|\.table\(\"(\w+)\"")
LOG = {"audit", "purges"}
"""What every write adds to: the log's own modules have it."""


def book_of(path: Path) -> str:
    """A book is a file or a folder; empty for what is none."""
    return path.relative_to(BOOKS).parts[0].removesuffix(".py") if BOOKS in path.parents else ""


def owners() -> dict[str, str]:
    return {
        table: book_of(path)
        for path in BOOKS.rglob("*.py")
        for table in MADE.findall(path.read_text("utf-8"))
        if table not in LOG
    }


def strangers(text: str, book: str, owner: dict[str, str]) -> Iterator[str]:
    """Tables that are written here and belong to another book."""
    for found in WRITTEN.finditer(text):
        table = found[1] or found[2]
        if owner.get(table, book) != book:
            yield table


def test_nobody_else_writes_a_book_s_tables() -> None:
    owner = owners()
    assert owner["sales"] == owner["lines"] == "sales"
    found = {
        f"{path.relative_to(ROOT)}: {table}"
        for path in ROOT.rglob("*.py")
        if STEPS not in path.parents
        for table in strangers(path.read_text("utf-8"), book_of(path), owner)
    }
    assert found == set()


@pytest.mark.parametrize(
    "text",
    [
        '"UPDATE sales SET locked = 1"',
        '"INSERT OR IGNORE INTO sales (a) VALUES (1)"',
        '"DELETE FROM sales"',
        'db.table("sales").insert({})',
    ],
)
def test_a_stranger_is_found(text: str) -> None:
    assert list(strangers(text, "refunds", {"sales": "sales"})) == ["sales"]
    assert list(strangers(text, "sales", {"sales": "sales"})) == []

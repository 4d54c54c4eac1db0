"""Each column of a sale, changed behind the ledger's back: found, or the same fact (R55)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from worlds import constant_keys
from worlds.failures import failure_of
from worlds.releases import TODAY, Release

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.books.book import Log
from pos_terminal.services.proof import verify
from pos_terminal.services.proof.checks import conditions

KEYS: Final = {
    "sales": ("sale_key",),
    "tenders": ("sale_key", "leg"),
    "lines": ("sale_key", "line"),
    "goods_codes": ("sale_key", "code"),
}
LISTS: Final = (
    ("tenders", "order_no"),
    ("tenders", "as_told"),
    ("lines", "barcodes"),
    ("lines", "serials"),
)
"""A blank within them says the same. No more of a sale is passed over."""
Value = int | str | None


class Changing:
    """A copy of a ledger with one of everything, for who is held back by nothing: no trigger, no
    check of a row, no foreign key. File, schema and log are whole: they are looked at before."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA ignore_check_constraints = ON")
        for row in self.db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            self.db.execute(f"DROP TRIGGER {row['name']}")
        self.log: Log = verify._log(self.db, constant_keys.AUDIT)

    def look(self) -> None:
        verify._check_tables(self.db, self.log)

    def found(self, table: str, column: str, key: tuple[Value, ...], other: Value) -> bool | None:
        """None where SQLite itself has no room for it."""
        where = " AND ".join(f"{name} = ?" for name in KEYS[table])
        self.db.execute("BEGIN")
        try:
            self.db.execute(
                f"UPDATE {table} SET {column} = ? WHERE {where}",  # noqa: S608 - our own tables
                (other, *key),
            )
            with verify._readable(Path("ledger.db")):
                self.look()
        except sqlite3.IntegrityError:
            return None
        except Failure as failure:
            return failure.code == "ledger.tampered"
        finally:
            self.db.execute("ROLLBACK")
        return False

    def changes(self, table: str) -> Iterator[tuple[str, tuple[Value, ...], Value]]:
        """Column, key of the row, and what is to stand there; of a row with something in that
        column, and of one with nothing."""
        keys = ", ".join(KEYS[table])
        for _, column, kind, *_ in self.db.execute(f"PRAGMA table_info({table})").fetchall():
            rows = self.db.execute(
                f"""SELECT {keys}, {column} AS value FROM {table}
                GROUP BY coalesce({column} IN ('', '[]', 0), 2)"""  # noqa: S608 - our own tables
            )
            for row in rows.fetchall():
                for other in others(row["value"], kind):
                    if other != row["value"]:
                        yield column, tuple(row[key] for key in KEYS[table]), other


def others(value: Value, kind: str) -> list[Value]:
    """One more and one less; a letter more, another letter, other case; something for nothing, and
    nothing for something."""
    if isinstance(value, int):
        return [value + 1, value - 1, None]
    if value is None:
        return [1] if kind == "INTEGER" else ["x"]
    last = value[:-1] + chr(ord(value[-1]) ^ 1) if value else "2"
    return ["", None, f"{value}x", last, value.swapcase()]


@pytest.fixture(scope="module")
def changing(
    unpacked: Callable[[str], Release], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Changing]:
    path = tmp_path_factory.mktemp("changed") / "ledger.db"
    with closing(sqlite3.connect(unpacked(TODAY).ledger)) as whole:
        whole.execute("VACUUM INTO ?", (str(path),))
    copy = Changing(path)
    with closing(copy.db):
        yield copy


@pytest.mark.parametrize("table", KEYS)
def test_a_change_of_any_column_is_found(changing: Changing, table: str) -> None:
    changing.look()
    tried = [(*change, changing.found(table, *change)) for change in changing.changes(table)]
    assert [change for *change, found in tried if found is False] == []
    columns = {column for column, _, _, found in tried if found}
    assert columns == {row["name"] for row in changing.db.execute(f"PRAGMA table_info({table})")}


@pytest.mark.parametrize(("table", "column"), LISTS)
def test_the_same_in_other_letters_is_no_change(
    changing: Changing, table: str, column: str
) -> None:
    keys = ", ".join(KEYS[table])
    sql = f"SELECT {keys}, {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
    *key, text = changing.db.execute(sql).fetchone()
    assert changing.found(table, column, tuple(key), text.replace("[", "[ ")) is False


def test_what_a_row_may_be_is_read_from_the_schema() -> None:
    """Of columns and of tables, with parentheses and quotes within."""
    sql = """CREATE TABLE t (a TEXT NOT NULL CHECK (a != ')' AND a != 'it''s ('), check_code TEXT,
        b INTEGER CHECK(b IN (0, 1)) REFERENCES names, CONSTRAINT c CHECK ((a = '') = (b = 0)))"""
    wanted = ["a != ')' AND a != 'it''s ('", "b IN (0, 1)", "(a = '') = (b = 0)"]
    assert [*conditions(sql)] == wanted


def test_a_row_that_its_table_does_not_allow_is_found_where_nothing_can_be_written(
    unpacked: Callable[[str], Release],
) -> None:
    """SQLite's own look leaves that out on a connection that only reads. No witness has a word on
    a card of what was paid in cash."""
    path = unpacked(TODAY).another("forbidden") / "data" / "ledger.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        sql = "UPDATE tenders SET scheme = 'x' WHERE kind = 'cash' AND leg = 1"
        assert db.execute(sql).rowcount
    assert failure_of(verify.verify, path, constant_keys.AUDIT) == "ledger.tampered"

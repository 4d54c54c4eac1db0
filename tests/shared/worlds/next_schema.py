"""A version of the terminal that comes after this one, made up: another schema, a step to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from pos_terminal.services.ledger import migrations
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.steps.rebuild import rebuild, statements
from pos_terminal.services.proof import verify

NEXT = migrations.VERSION + 1
MARKS = """CREATE TABLE marks (
    sale_key INTEGER PRIMARY KEY REFERENCES sales,
    mark TEXT NOT NULL
) STRICT;"""
_GONE = "    gift_receipt_no TEXT NOT NULL,\n"
_COLUMN = "    store TEXT NOT NULL CHECK (store != ''),\n"


class NextVersion:
    """Its books: one table more, a column of ``sales`` that can't be empty, in their midst."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.tables = shelf.tables().replace(_GONE, _GONE + _COLUMN, 1) + MARKS + "\n"
        assert _COLUMN in self.tables

    @property
    def of_sales(self) -> str:
        """The table of sales as this version has it, with what belongs to it."""
        made = [one for one in statements(self.tables) if " sales (" in one.partition("\n")[0]]
        assert len(made) > 1, "a table and its indexes"
        return "\n".join(made)

    def step(self, db: sqlite3.Connection) -> None:
        """A table made anew with its rows in it, and a new one."""
        rebuild(db, "sales", self.of_sales, {"store": "'store of ' || terminal_id"})
        for statement in statements(MARKS):
            db.execute(statement)

    def install(self, step: Callable[[sqlite3.Connection], None] | None = None) -> None:
        """From now on this is the program; with this step, if it is another one."""
        steps = {NEXT: step or self.step}
        tables = self.tables
        self._patch.setattr(migrations, "VERSION", NEXT)
        self._patch.setattr(migrations, "step_to", steps.__getitem__)
        self._patch.setattr(shelf, "tables", lambda: tables)
        forget()


def forget() -> None:
    """What the program remembers of its own schema."""
    verify._own_schema.cache_clear()
    migrations._expected.cache_clear()

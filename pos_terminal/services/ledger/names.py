"""The sets of the domain in SQL: as tables that columns refer to, and as lists in statements.

A state that comes later is a row more in a table, and not a table to be rebuilt.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct


def among(names: Iterable[str]) -> str:
    """``('a', 'b')``, always in one order: a partial index is used where its words are the same."""
    return "(" + ", ".join(f"'{name}'" for name in sorted(names)) + ")"


class Names(Struct, frozen=True):
    """A table of the names that a column, or several together, may have."""

    table: str
    columns: tuple[str, ...]
    rows: frozenset[tuple[str | int, ...]]

    @classmethod
    def of(cls, table: str, names: Iterable[StrEnum]) -> Names:
        """Of one column."""
        return cls(table, ("name",), frozenset((name.value,) for name in names))

    @property
    def sql(self) -> str:
        """Makes and fills it."""
        rows = sorted(self.rows)
        kinds = ("TEXT" if isinstance(value, str) else "INTEGER" for value in rows[0])
        columns = ", ".join(
            f"{name} {kind} NOT NULL" for name, kind in zip(self.columns, kinds, strict=True)
        )
        values = ",\n    ".join("(" + ", ".join(map(repr, row)) + ")" for row in rows)
        key = ", ".join(self.columns)
        return f"""
CREATE TABLE {self.table} ({columns}, PRIMARY KEY ({key})) STRICT, WITHOUT ROWID;
INSERT INTO {self.table} ({key}) VALUES
    {values};
"""

"""What the schema forbids a row, asked anew: whoever writes behind our back has its checks off.

SQLite's ``integrity_check`` asks for them as well, but not on a connection that can't write: there
it has not even read them (``sqlite3AddCheckConstraint`` in its ``build.c``).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from typing import Final

from pos_terminal.core.words import Failure

_TOKEN: Final = re.compile(r"'(?:[^']|'')*'|\bCHECK\s*\(|[()]")


def conditions(sql: str) -> Iterator[str]:
    """Of a ``CREATE TABLE``: what stands within the parentheses of each CHECK, of columns too."""
    depth, begun, level = 0, None, 0
    for token in _TOKEN.finditer(sql):
        text = token[0]
        if text.endswith("("):
            if begun is None and text != "(":
                begun, level = token.end(), depth
            depth += 1
        elif text == ")":
            depth -= 1
            if begun is not None and depth == level:
                yield sql[begun : token.start()]
                begun = None


def check_rows(db: sqlite3.Connection, schema: frozenset[tuple[str | None, ...]]) -> None:
    """Failure ``ledger.tampered`` for a row that a table of this ``schema`` (type, name, its
    table's name, SQL) does not allow."""
    for table, question in _questions(schema):
        if db.execute(question).fetchone() is not None:
            raise Failure("ledger.tampered", what=f"{table}: a row that it does not allow")


@cache
def _questions(schema: frozenset[tuple[str | None, ...]]) -> tuple[tuple[str, str], ...]:
    """Table, and what finds a row that it does not allow; by the tables' names."""
    found = []
    for kind, table, _, sql in schema:
        if kind == "table" and table and sql and (wanted := [*conditions(sql)]):
            broken = " OR ".join(f"NOT ({one})" for one in wanted)
            found.append((table, f"SELECT 1 FROM {table} WHERE {broken} LIMIT 1"))
    return tuple(sorted(found))

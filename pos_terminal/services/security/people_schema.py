"""The tables of ``people.db``, schema by schema: what was released never changes in place."""

from __future__ import annotations

import sqlite3
from typing import Final

from pos_terminal.core.people import Role

_ROLES: Final = ", ".join(f"'{role}'" for role in Role)
_FIRST: Final = f"""
CREATE TABLE people (
    number TEXT PRIMARY KEY
        CHECK (length(number) BETWEEN 1 AND 6 AND number NOT GLOB '*[^0-9]*'),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    role TEXT NOT NULL CHECK (role IN ({_ROLES})),
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
    pin_set_at INTEGER NOT NULL,
    wrong INTEGER NOT NULL DEFAULT 0 CHECK (wrong >= 0),
    locked_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE pins (
    seq INTEGER PRIMARY KEY,
    number TEXT NOT NULL REFERENCES people (number) ON DELETE CASCADE,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX pins_of ON pins (number, seq);
"""
_SECOND: Final = """
CREATE TABLE badges (
    number TEXT PRIMARY KEY REFERENCES people (number) ON DELETE CASCADE,
    token TEXT NOT NULL UNIQUE CHECK (length(token) = 64)
) STRICT, WITHOUT ROWID;
CREATE TABLE tries (
    number TEXT PRIMARY KEY REFERENCES people (number) ON DELETE CASCADE,
    day TEXT NOT NULL,
    wrong INTEGER NOT NULL CHECK (wrong >= 0),
    untold INTEGER NOT NULL CHECK (untold >= 0),
    locks INTEGER NOT NULL CHECK (locks >= 0),
    unlocked_by TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
"""
_STEPS: Final = (_FIRST, _SECOND)
VERSION: Final = len(_STEPS)


def version_of(db: sqlite3.Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


def bring(db: sqlite3.Connection) -> None:
    """A new file, or one of an earlier version, to the schema of today: within a transaction of
    the caller's, so that whoever is killed in between finds the file from before."""
    for step in _STEPS[version_of(db) :]:
        for statement in step.split(";")[:-1]:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION}")

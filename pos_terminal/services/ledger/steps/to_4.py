"""Schema 4, of the version after 0.3.0, from 3. Not released yet: what comes until then comes
into this file."""

from __future__ import annotations

import sqlite3


def run(db: sqlite3.Connection) -> None:
    """A line for each concept that changed."""

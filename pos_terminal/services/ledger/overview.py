"""The ledger as lists, for technicians, the bench and scripts. No card number is in there."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.books.book import Listing, Query

MANY: Final = 1000


def overview(
    connection: sqlite3.Connection, limit: int = MANY, now: datetime | None = None
) -> dict[str, Any]:
    """The newest ``limit`` of each kind, oldest first; what is pending in full. As of ``now``;
    without it no time is over.

    One state of the ledger, whatever a running terminal writes meanwhile.
    """
    from sqlite_utils import Database

    moment = None if now is None else now.isoformat()
    db = Database(connection, execute_plugins=False)

    def query(sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return list(db.query(sql, {**values, "now": moment}))

    connection.execute("BEGIN")
    found: dict[str, Any] = {}
    for sql in shelf.headings():
        found |= query(sql, {})[0]
    return found | {listing.name: _rows(query, listing, limit) for listing in shelf.lists()}


def _rows(query: Query, listing: Listing, limit: int) -> list[dict[str, Any]]:
    found = query(listing.sql, {} if listing.whole else {"limit": limit})
    return [listing.shown(query, row) for row in (found if listing.whole else found[::-1])]

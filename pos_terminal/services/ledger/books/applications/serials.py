"""Pieces with a number of their own: each comes back once (R72)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Final

from pos_terminal.core.refund import HOLDING
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.names import among

_GONE: Final = f"""SELECT i.serials FROM application_items i JOIN refunds r USING (application)
    WHERE i.sale_key = ?1 AND i.serials != '[]' AND r.state IN {among(HOLDING)}
    UNION ALL SELECT json_array(m.serial)
        FROM stock_movements m WHERE m.sale_key = ?1 AND m.line IS NOT NULL AND m.serial != ''
        AND m.operator IS NULL AND (m.quantity < 0 OR 0 < (SELECT sum(o.quantity)
            FROM stock_movements o WHERE o.refund_id = m.refund_id AND o.line = m.line
            AND o.serial = m.serial AND o.disposition IS NOT NULL))
        GROUP BY m.serial HAVING max(m.n) > 0 AND m.quantity > 0"""
"""A piece that moved last into the shop; one that went out again is the customer's, and so is one
that never came, as was found later. How it was booked is corrected whenever somebody sees it."""
_NAMED: Final = "SELECT serials FROM application_items WHERE application = ?"


def back(db: sqlite3.Connection, sale_key: int) -> frozenset[str]:
    """Of this sale those that are back, or held by a refund without an outcome."""
    return frozenset(_serials(db, _GONE, sale_key))


def check(db: sqlite3.Connection, application: int, sale_key: int) -> None:
    """Failure ``ledger.serial_back``: one that it names is back already, or stands twice in it."""
    named = list(_serials(db, _NAMED, application))
    gone = back(db, sale_key) if named else frozenset()
    for place, serial in enumerate(named):
        if serial in gone or serial in named[:place]:
            raise Failure("ledger.serial_back", serial=serial)


def _serials(db: sqlite3.Connection, sql: str, value: int) -> Iterator[str]:
    return (serial for row in db.execute(sql, (value,)) for serial in json.loads(row["serials"]))

"""Pieces with a number of their own: each comes back once (R72)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Final

from pos_terminal.core.refund import AS_CREDIT, HOLDING, State
from pos_terminal.core.serials import PiecesBack
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.names import among

_STOOD: Final = AS_CREDIT | {State.EXCHANGED}
"""Settled without money, also where nothing came: store credit, or another piece, went out."""
_HELD: Final = f"""SELECT i.serials FROM application_items i JOIN refunds r USING (application)
    WHERE i.sale_key = ? AND i.serials != '[]' AND r.state IN {among(HOLDING)}"""
_STANDS: Final = """(SELECT coalesce(sum(o.quantity), 0) FROM stock_movements o
    WHERE o.refund_id = {refund} AND o.line = {line} AND o.serial = {serial}
    AND o.disposition IS NOT NULL) > 0"""
_MOVED: Final = f"""SELECT m.serial, m.quantity > 0 AS came, r.application,
        {_STANDS.format(refund="m.refund_id", line="m.line", serial="m.serial")} AS stands, m.n
    FROM stock_movements m JOIN refunds r USING (refund_id) WHERE m.sale_key = :sale
    AND m.line IS NOT NULL AND m.serial != '' AND (m.operator IS NULL OR m.quantity > 0
        AND EXISTS (SELECT 1 FROM application_items i WHERE i.application = r.application
            AND i.line = m.line AND i.disposition IS NULL))
    UNION ALL SELECT s.value, 1, application,
        {_STANDS.format(refund="r.refund_id", line="i.line", serial="s.value")},
        (SELECT coalesce(max(o.n), 0) + 0.5 FROM stock_movements o WHERE o.sale_key = i.sale_key
            AND o.serial = s.value AND o.operator IS NULL AND o.refund_id < r.refund_id) AS n
    FROM application_items i JOIN refunds r USING (application), json_each(i.serials) s
    WHERE i.sale_key = :sale AND i.disposition IS NULL
    AND (r.done > 0 AND r.state != '{State.OVERPAID}' OR r.state IN {among(_STOOD)})
    ORDER BY n"""
"""As pieces were booked at first; how is corrected whenever somebody sees it, or that one never
came. Those of which their refund said so were booked by no more than a correction, if at all."""
_UNNAMED: Final = f"""SELECT i.line, min(i.application) AS application
    FROM application_items i JOIN refunds r USING (application)
    JOIN lines l ON l.sale_key = i.sale_key AND l.line = i.line
    WHERE i.sale_key = ? AND l.serials != '[]' AND json_array_length(i.serials) * 1000 < i.quantity
    AND (r.done > 0 AND r.state != '{State.OVERPAID}' OR r.state IN {among(_STOOD)})
    AND {_STANDS.format(refund="r.refund_id", line="i.line", serial="''")} = 0 GROUP BY i.line"""
_LINES: Final = """SELECT line FROM application_items
    WHERE application = ? AND disposition IS NOT NULL"""
_NAMED: Final = "SELECT serials FROM application_items WHERE application = ?"


def pieces_back(db: sqlite3.Connection, sale_key: int) -> PiecesBack:
    """A piece that moved last into the shop is back; one that went out again is the customer's."""
    moved, absent = set[str](), dict[str, int]()
    for row in db.execute(_MOVED, {"sale": sale_key}):
        serial = row["serial"]
        if row["came"] and not row["stands"]:
            absent[serial] = row["application"]
            continue
        absent.pop(serial, None)
        (moved.add if row["came"] else moved.discard)(serial)
    back = frozenset({*moved, *_serials(db, _HELD, sale_key)})
    absent = {one: paid for one, paid in absent.items() if one not in back}
    return PiecesBack(back, absent, dict(map(tuple, db.execute(_UNNAMED, (sale_key,)))))


def check(db: sqlite3.Connection, application: int, sale_key: int) -> frozenset[int]:
    """The applications that had paid for what it names, and which never came then.

    Failure ``ledger.serial_back``: a piece is back already, or stands twice in it.
    """
    named = list(_serials(db, _NAMED, application))
    lines = [row["line"] for row in db.execute(_LINES, (application,))]
    known = pieces_back(db, sale_key) if named or lines else PiecesBack()
    for place, serial in enumerate(named):
        if serial in known.back or serial in named[:place]:
            raise Failure("ledger.serial_back", serial=serial)
    paid = (known.absent[one] for one in named if one in known.absent)
    perhaps = (known.unnamed[one] for one in lines if one in known.unnamed)
    return frozenset((*paid, *perhaps))


def _serials(db: sqlite3.Connection, sql: str, value: int) -> Iterator[str]:
    return (serial for row in db.execute(sql, (value,)) for serial in json.loads(row["serials"]))

"""Exchanges: what went out for goods that came back, in the commit of their refund (R37).

What came back is in the application's goods; money is in neither. The line of the sale stands for
what went out from then on.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from pos_terminal.core.digest import digest
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.rules import serial
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books.applications import items_shown
from pos_terminal.services.ledger.books.book import (
    Book,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    Query,
    ReadFace,
)
from pos_terminal.services.ledger.step import Step

_TABLES: Final = """
CREATE TABLE exchanges (
    refund_id INTEGER NOT NULL REFERENCES refunds,
    line INTEGER NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    code TEXT NOT NULL CHECK (code != ''),
    sku TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    price INTEGER CHECK (price >= 0),
    last_sold_for INTEGER CHECK (last_sold_for >= 0),
    serials TEXT NOT NULL DEFAULT '[]' CHECK (json_type(serials) = 'array'),
    PRIMARY KEY (refund_id, line),
    CONSTRAINT typed CHECK (price IS NOT NULL OR last_sold_for IS NULL),
    CONSTRAINT pieces CHECK (json_array_length(serials) * 1000 <= quantity)
) STRICT, WITHOUT ROWID;
CREATE INDEX exchanges_code ON exchanges (code);
CREATE INDEX exchanges_sku ON exchanges (sku);
"""
_OF: Final = """SELECT line, quantity, code, sku, name, price, last_sold_for, serials
    FROM exchanges WHERE refund_id = ? ORDER BY line"""
_LIST: Final = f"""SELECT r.refund_id AS refund, r.application, a.ticket, r.sealed_at AS at,
    s.sale_id, r.amount AS worth, r.currency, r.operator FROM refunds r
    JOIN applications a ON a.number = r.application JOIN sales s ON s.sale_key = r.sale_key
    WHERE r.kind = '{Kind.EXCHANGE}' ORDER BY r.refund_id DESC LIMIT :limit"""
_UNREAD: Final = """iif(l.serials = '[]' OR l.quantity % 1000 != 0, 0,
    e.quantity / 1000 - json_array_length(e.serials))"""
"""Pieces of goods whose pieces have numbers, of which none was read."""
_OF_LINES: Final = """exchanges e JOIN refunds r USING (refund_id)
    JOIN lines l ON l.sale_key = r.sale_key AND l.line = e.line"""
_OUT: Final = f"""SELECT e.line, e.quantity, e.code, e.sku, e.name, e.price, e.last_sold_for,
    e.serials, {_UNREAD} AS unread FROM {_OF_LINES} WHERE e.refund_id = :refund ORDER BY e.line"""
_UNASKED: Final = f"""SELECT e.refund_id FROM {_OF_LINES} WHERE {_UNREAD} > 0
    AND EXISTS (SELECT 1 FROM decisions d
        WHERE d.application = r.application AND d.facts ->> 'rule' = '{serial.RULE.name}')
    AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.application = r.application)"""
"""Where the shop wants somebody asked about numbers, and nobody was."""
_MISSING: Final = f"""SELECT r.refund_id FROM refunds r JOIN application_items i USING (application)
    WHERE r.kind = '{Kind.EXCHANGE}' AND i.disposition IS NULL
    AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.application = r.application)"""
"""Where others went out for goods that never came, and nobody was asked."""
_UNEVEN: Final = f"""WITH back AS (SELECT r.refund_id, i.line, i.quantity, i.amount, i.deduction
        FROM refunds r JOIN application_items i USING (application)
        WHERE r.kind = '{Kind.EXCHANGE}'),
    out AS (SELECT refund_id, line, quantity, price FROM exchanges)
    SELECT refund_id FROM back b LEFT JOIN out o USING (refund_id, line)
        WHERE b.quantity != coalesce(o.quantity, 0) OR b.deduction > 0 OR o.price != b.amount
    UNION ALL SELECT refund_id FROM out
        WHERE (refund_id, line) NOT IN (SELECT refund_id, line FROM back) LIMIT 1"""
"""As much went out as came back, line by line, worth what that would bring; of nothing else did
any."""
_PIECES: Final = """WITH told AS (SELECT e.refund_id, e.line, s.value AS serial
        FROM exchanges e, json_each(e.serials) s),
    moved AS (SELECT refund_id, line, serial FROM stock_movements
        WHERE quantity < 0 AND disposition IS NULL AND serial != '')
    SELECT refund_id FROM (SELECT * FROM told EXCEPT SELECT * FROM moved)
    UNION ALL SELECT refund_id FROM (SELECT * FROM moved EXCEPT SELECT * FROM told) LIMIT 1"""
"""Of pieces that have numbers the very same ones."""


def add(step: Step, refund: Refund, out: Sequence[GivenOut]) -> None:
    """What goes out with this refund."""
    rows = [_row(one) for one in sorted(out, key=lambda one: one.line)]
    step.db.executemany(
        """INSERT INTO exchanges (refund_id, line, quantity, code, sku, name, price, last_sold_for,
        serials) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [(refund.refund_id, *row) for row in rows],
    )
    step.log("exchange", refund=refund.refund_id, lines=len(rows), digest=digest(rows))


def unread_unasked(db: sqlite3.Connection, refund: Refund) -> bool:
    """Whether a piece goes out whose number was not read, and nobody approved it (R72)."""
    sql = f"{_UNASKED} AND e.refund_id = ?"
    return db.execute(sql, (refund.refund_id,)).fetchone() is not None


def missing_unasked(db: sqlite3.Connection, refund: Refund) -> bool:
    """Whether others go out for goods that never came, and nobody approved it (R46)."""
    sql = f"{_MISSING} AND r.refund_id = ?"
    return db.execute(sql, (refund.refund_id,)).fetchone() is not None


def _row(one: GivenOut) -> tuple[str | int | None, ...]:
    serials = json.dumps(one.serials, ensure_ascii=False)
    goods = (one.line, one.quantity, one.code, one.sku, one.name)
    return (*goods, one.price, one.last_sold_for, serials)


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """What went out is as its entry says. Failure ``ledger.tampered``."""
    logged = log.of_kept("exchange", "refund", "refunds", "refund", "lines", "digest")
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in db.execute("SELECT * FROM exchanges ORDER BY refund_id, line"):
        found[row["refund_id"]].append(tuple(row)[1:])
    stored = [(refund, len(rows), digest(rows)) for refund, rows in sorted(found.items())]
    if sorted(logged) != stored:
        raise Failure("ledger.tampered", what="exchanges")


class ExchangeReads(ReadFace):
    """Fulfils ``ports.ExchangeReads``."""

    def of_refund(self, refund_id: int) -> Sequence[GivenOut]:
        return [
            GivenOut(**(dict(row) | {"serials": tuple(json.loads(row["serials"]))}))
            for row in self._rows(_OF, refund_id)
        ]


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    """Both sides of it."""
    out = [
        one | {"quantity": format_quantity(one["quantity"]), "serials": json.loads(one["serials"])}
        for one in query(_OUT, {"refund": row["refund"]})
    ]
    return row | {"back": items_shown(query, row["application"]), "out": out}


BOOK: Final = Book(
    tables=_TABLES,
    entries={"exchange": HeldBy("refund", "refunds", "refund_id")},
    witness=_witness,
    invariants=(
        Invariant("exchange of refund", _UNEVEN),
        Invariant("pieces of exchange", _PIECES),
        Invariant("numbers of exchange", f"{_UNASKED} LIMIT 1"),
        Invariant("missing goods of exchange", f"{_MISSING} LIMIT 1"),
    ),
    goes=(Gone("exchanges", purges.OF_REFUNDS),),
    lists=(
        Listing(
            name="exchanges",
            sql=_LIST,
            columns=("refund", "at", "operator", "application", "sale_id", "worth"),
            shown=_shown,
        ),
    ),
)

"""Exchanges: what went out for goods that came back, in the commit of their refund (R37).

What came back is in the application's goods; money is in neither. The line of the sale stands for
what went out from then on.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from pos_terminal.core.digest import digest
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Kind, Refund
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
    PRIMARY KEY (refund_id, line)
) STRICT, WITHOUT ROWID;
"""
_OF: Final = """SELECT line, quantity, code, sku, name, price FROM exchanges
    WHERE refund_id = ? ORDER BY line"""
_LIST: Final = f"""SELECT r.refund_id AS refund, r.application, a.ticket, r.sealed_at AS at,
    s.sale_id, r.amount AS worth, r.currency, r.operator FROM refunds r
    JOIN applications a ON a.number = r.application JOIN sales s ON s.sale_key = r.sale_key
    WHERE r.kind = '{Kind.EXCHANGE}' ORDER BY r.refund_id DESC LIMIT :limit"""
_OUT: Final = """SELECT line, quantity, code, sku, name, price FROM exchanges
    WHERE refund_id = :refund ORDER BY line"""
_UNEVEN: Final = f"""WITH back AS (SELECT r.refund_id, i.line, i.quantity, i.worth, i.deduction
        FROM refunds r JOIN application_items i USING (application)
        WHERE r.kind = '{Kind.EXCHANGE}'),
    out AS (SELECT refund_id, line, quantity, price FROM exchanges)
    SELECT refund_id FROM back b LEFT JOIN out o USING (refund_id, line)
        WHERE b.quantity != coalesce(o.quantity, 0) OR b.deduction > 0 OR o.price != b.worth
    UNION ALL SELECT refund_id FROM out
        WHERE (refund_id, line) NOT IN (SELECT refund_id, line FROM back) LIMIT 1"""
"""As much went out as came back, line by line, of the same worth; of nothing else did any."""


def add(step: Step, refund: Refund, out: Sequence[GivenOut]) -> None:
    """What goes out with this refund."""
    rows = [_row(one) for one in sorted(out, key=lambda one: one.line)]
    step.db.executemany(
        """INSERT INTO exchanges (refund_id, line, quantity, code, sku, name, price)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
        [(refund.refund_id, *row) for row in rows],
    )
    step.log("exchange", refund=refund.refund_id, lines=len(rows), digest=digest(rows))


def _row(one: GivenOut) -> tuple[str | int | None, ...]:
    return (one.line, one.quantity, one.code, one.sku, one.name, one.price)


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
        return [GivenOut(**dict(row)) for row in self._rows(_OF, refund_id)]


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    """Both sides of it."""
    out = [
        one | {"quantity": format_quantity(one["quantity"])}
        for one in query(_OUT, {"refund": row["refund"]})
    ]
    return row | {"back": items_shown(query, row["application"]), "out": out}


BOOK: Final = Book(
    tables=_TABLES,
    entries={"exchange": HeldBy("refund", "refunds", "refund_id")},
    witness=_witness,
    invariants=(Invariant("exchange of refund", _UNEVEN),),
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

"""The ledger as lists, for technicians, the bench and scripts. No card number is in there."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from pos_terminal.core.quantity import format_quantity
from pos_terminal.services.ledger.books import shelf

MANY: Final = 1000
_SALES: Final = """SELECT s.sale_id, s.merchant_id, s.terminal_id, s.batch, s.trace, s.rrn,
    s.auth_code, s.sold_at, s.currency, s.amount, s.receipt_no, s.state, s.batch_closed, s.locked
    FROM sales s ORDER BY s.rowid DESC LIMIT :limit"""
_TENDERS: Final = """SELECT leg, kind, amount, done, held, masked, scheme, funding FROM tenders
    WHERE sale_id = :sale_id ORDER BY leg"""
_REFUNDS: Final = """SELECT r.refund_id, r.application, r.kind, r.state, r.amount, r.done,
    r.currency, r.sale_id, r.leg, r.seq, r.operator, r.masked, r.scheme, r.match, r.batch, r.stan,
    r.rrn, r.original_rrn, r.auth_code, r.response, r.cause, r.flagged, r.repeats, r.sealed_at,
    r.concluded_at, a.reason, a.note FROM refunds r JOIN applications a ON a.number = r.application
    ORDER BY r.refund_id DESC LIMIT :limit"""
_PENDING: Final = """SELECT r.refund_id, iif(m.reversal, 'reversal', 'repeat') AS message, m.mti,
    r.kind, r.state, r.batch, r.stan, r.amount, r.repeats AS tries, r.sealed_at AS since
    FROM refunds r JOIN messages m USING (refund_id)
    WHERE r.state IN ('sealed', 'unknown', 'reversing') ORDER BY r.refund_id"""
_JOBS: Final = """SELECT j.job_id, j.refund_id, coalesce(j.application, r.application)
    AS application, j.slip -> 'body' ->> 'kind' AS slip, j.slip -> 'head' ->> 'copy' AS copy,
    j.state, j.attempt, j.duplicate, j.queued_at, j.changed_at
    FROM print_jobs j LEFT JOIN refunds r USING (refund_id)
    ORDER BY j.job_id DESC LIMIT :limit"""
_CASES: Final = """SELECT case_id, kind, refund_id, sale_id, state, opened_at, closed_at, reference,
    operator AS closed_by, first, second, counted FROM cases LEFT JOIN closings USING (case_id)
    ORDER BY case_id DESC LIMIT :limit"""
_FINDINGS: Final = """SELECT refund_id, paid, done, reference, operator, first, first_name, second,
    second_name, second_at AS at FROM findings ORDER BY refund_id DESC LIMIT :limit"""
_OUTCOMES: Final = """SELECT o.batch, o.stan, o.kind, o.amount, o.done, o.rrn, o.happened_on,
    o.reference, o.refund_id, o.effect, f.source, o.line, f.digest, f.at FROM outcomes o
    JOIN outcome_files f USING (file_id) ORDER BY f.file_id DESC, o.line DESC LIMIT :limit"""
_APPLICATIONS: Final = """SELECT number, sale_id, leg, kind, amount, reason, operator, state, why,
    opened_at FROM applications ORDER BY number DESC LIMIT :limit"""


_LINES: Final = """SELECT line, sku, name, quantity, returned, held, unit_price, category FROM lines
    WHERE sale_id = :sale_id ORDER BY line"""
_ITEMS: Final = """SELECT i.line, l.name, i.quantity, i.amount FROM application_items i
    JOIN lines l USING (sale_id, line) WHERE i.application = :number ORDER BY i.line"""


def overview(connection: sqlite3.Connection, limit: int = MANY) -> dict[str, Any]:
    """The newest ``limit`` of each kind, oldest first; what is pending in full.

    One state of the ledger, whatever a running terminal writes meanwhile.
    """
    from sqlite_utils import Database

    db = Database(connection, execute_plugins=False)
    connection.execute("BEGIN")
    newest = {"limit": limit}
    counter = next(iter(db.query("SELECT batch, printf('%06d', stan) AS stan FROM counter")))
    return {
        "batch": counter["batch"],
        "stan": counter["stan"],
        "sales": [_sale(db, row) for row in _oldest_first(db, _SALES, newest)],
        "applications": [
            row | {"items": _items(db, row["number"])}
            for row in _oldest_first(db, _APPLICATIONS, newest)
        ],
        "refunds": [
            row | {"flagged": bool(row["flagged"]), "items": _items(db, row["application"])}
            for row in _oldest_first(db, _REFUNDS, newest)
        ],
        "pending": list(db.query(_PENDING)),
        "print_jobs": _oldest_first(db, _JOBS, newest),
        "cases": _oldest_first(db, _CASES, newest),
        **{
            listing.name: [listing.shown(row) for row in _oldest_first(db, listing.sql, newest)]
            for listing in shelf.lists()
        },
        "outcomes": _oldest_first(db, _OUTCOMES, newest),
        "findings": [
            row | {"paid": bool(row["paid"])} for row in _oldest_first(db, _FINDINGS, newest)
        ],
    }


def _oldest_first(db: Any, sql: str, values: dict[str, int]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = list(db.query(sql, values))
    return found[::-1]


def _sale(db: Any, row: dict[str, Any]) -> dict[str, Any]:
    tenders = list(db.query(_TENDERS, {"sale_id": row["sale_id"]}))
    return row | {
        "batch_closed": bool(row["batch_closed"]),
        "locked": bool(row["locked"]),
        "done": sum(tender["done"] for tender in tenders),
        "held": sum(tender["held"] for tender in tenders),
        "tenders": tenders,
        "lines": [_readable(line) for line in db.query(_LINES, {"sale_id": row["sale_id"]})],
    }


def _items(db: Any, application: int) -> list[dict[str, Any]]:
    return [_readable(item) for item in db.query(_ITEMS, {"number": application})]


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """Quantities as decimal numbers."""
    quantities = {"quantity", "returned", "held"} & row.keys()
    return row | {name: format_quantity(row[name]) for name in quantities}

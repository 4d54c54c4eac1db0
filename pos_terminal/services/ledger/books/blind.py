"""Sales that stand for goods without a receipt: whose they were, and the least that was paid (R17).

The customer's number and the card are here as keyed tokens alone, and go when card tokens go; the
log has a mark of them. Each has one application and at most one refund.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any, Final

from pos_terminal.core.blind import APPROVALS, NoReceipt
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import SaleOrigin
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books.book import (
    Book,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    Query,
)
from pos_terminal.services.ledger.spans import NONE
from pos_terminal.services.ledger.step import Step

_TABLES: Final = """
CREATE TABLE blind_sales (
    sale_key INTEGER PRIMARY KEY REFERENCES sales,
    application INTEGER NOT NULL UNIQUE REFERENCES applications,
    made_ts INTEGER NOT NULL,
    customer TEXT,
    card TEXT,
    lowest TEXT NOT NULL CHECK (json_type(lowest) = 'object')
) STRICT;
CREATE INDEX blind_customer ON blind_sales (customer, made_ts) WHERE customer IS NOT NULL;
CREATE INDEX blind_card ON blind_sales (card, made_ts) WHERE card IS NOT NULL;
"""
_NAME: Final = "'#' || b.sale_key"
_ORIGIN: Final = f"""SELECT '#' || sale_key FROM sales s WHERE origin = '{SaleOrigin.BLIND}'
    AND NOT EXISTS (SELECT 1 FROM blind_sales b WHERE b.sale_key = s.sale_key)
    UNION ALL SELECT {_NAME} FROM blind_sales b JOIN sales s USING (sale_key)
    WHERE s.origin != '{SaleOrigin.BLIND}' LIMIT 1"""
_PRICE: Final = f"""SELECT {_NAME} FROM blind_sales b, json_each(b.lowest) x
    LEFT JOIN lines l ON l.sale_key = b.sale_key AND l.line = cast(x.key AS INTEGER)
    WHERE l.paid IS NULL OR l.paid * 1000 > x.value * l.quantity LIMIT 1"""
_ONE: Final = f"""SELECT {_NAME} FROM blind_sales b JOIN refunds r USING (sale_key)
    GROUP BY b.sale_key
    HAVING count(*) > 1 OR max(r.kind != '{Kind.CREDIT}' OR r.application != b.application)
    LIMIT 1"""
_TWO: Final = f"""SELECT {_NAME} FROM blind_sales b JOIN refunds r USING (sale_key)
    WHERE (SELECT count(DISTINCT a.supervisor) FROM approvals a
        WHERE a.application = b.application) < {APPROVALS} LIMIT 1"""
_ERASED: Final = """UPDATE blind_sales SET customer = NULL, card = NULL
    WHERE application IN (SELECT value FROM json_each(:numbers))"""
_LIST: Final = """SELECT b.sale_key, b.application, r.refund_id, a.opened_at, a.operator, a.state,
    a.amount, b.lowest FROM blind_sales b JOIN applications a ON a.number = b.application
    LEFT JOIN refunds r ON r.sale_key = b.sale_key ORDER BY b.sale_key DESC LIMIT :limit"""
_LINES: Final = (
    "SELECT line, name, quantity, paid FROM lines WHERE sale_key = :sale_key ORDER BY line"
)


def add(step: Step, application: Application, known: NoReceipt) -> None:
    """Of a sale and its application that are new in this step."""
    key, made = application.sale_key, int(step.now.timestamp())
    customer = known.customer[0]
    card = known.card[0] if known.card else None
    lowest = json.dumps({str(line): price for line, price in sorted(known.lowest.items())})
    step.insert(
        """INSERT INTO blind_sales (sale_key, application, made_ts, customer, card, lowest)
        VALUES (?, ?, ?, ?, ?, ?)""",
        (key, application.number, made, customer, card, lowest),
    )
    step.log(
        "blind_sale",
        sale_key=key,
        application=application.number,
        made=made,
        lowest=lowest,
        who=_who(step.audit_key, application.number, customer, card),
    )


def check(db: sqlite3.Connection, application: Application) -> None:
    """Nothing is given for it that two people have not approved. ValueError."""
    sql = "SELECT 1 FROM blind_sales WHERE sale_key = ?"
    if db.execute(sql, (application.sale_key,)).fetchone() is None:
        return
    sql = "SELECT count(DISTINCT supervisor) FROM approvals WHERE application = ?"
    if db.execute(sql, (application.number,)).fetchone()[0] < APPROVALS:
        raise ValueError("two supervisors approve a refund without a receipt")


def _who(key: bytes, application: int, customer: str, card: str | None) -> str:
    """Stands for customer and card in the log, which keeps its facts longer than tokens."""
    return mark(key, "no receipt", application, customer, card)


def _witness(db: sqlite3.Connection, log: Log) -> None:
    gone = log.purged["sales"]
    logged = {
        entry["sale_key"]: entry
        for entry in log.entries["blind_sale"]
        if entry["sale_key"] not in gone
    }
    erased = log.purged.erased.get(purges.REFUNDS, NONE)
    for key, application, made, customer, card, lowest in db.execute(
        "SELECT sale_key, application, made_ts, customer, card, lowest FROM blind_sales"
    ):
        entry = logged.pop(key, None)
        facts = (application, made, lowest)
        right = entry is not None and facts == tuple(
            entry[name] for name in ("application", "made", "lowest")
        )
        if application in erased:
            right &= customer is None and card is None
        else:
            right &= entry is not None and entry["who"] == _who(
                log.key, application, customer, card
            )
        if not right:
            raise Failure("ledger.tampered", what=f"sale without a receipt #{key}")
    if logged:
        raise Failure("ledger.tampered", what=f"sale without a receipt #{min(logged)}")


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    """Whose it was is nobody's to read."""
    lowest = json.loads(row["lowest"])
    lines = [
        {
            "line": line["line"],
            "name": line["name"],
            "pieces": line["quantity"] // 1000,
            "amount": line["paid"],
            "lowest": lowest.get(str(line["line"])),
        }
        for line in query(_LINES, {"sale_key": row["sale_key"]})
    ]
    return {name: value for name, value in row.items() if name != "lowest"} | {"lines": lines}


BOOK: Final = Book(
    tables=_TABLES,
    entries={"blind_sale": HeldBy("sale_key", "blind_sales", "sale_key")},
    witness=_witness,
    invariants=(
        Invariant("origin of sale", _ORIGIN),
        Invariant("price without a receipt of sale", _PRICE),
        Invariant("refunds without a receipt of sale", _ONE),
        Invariant("approvals without a receipt of sale", _TWO),
    ),
    goes=(Gone("blind_sales", purges.OF_SALES),),
    erased={purges.REFUNDS: (_ERASED,)},
    lists=(
        Listing(
            name="blind",
            sql=_LIST,
            columns=("sale_key", "application", "refund_id", "opened_at", "operator", "amount"),
            shown=_shown,
        ),
    ),
)

"""Goods that an exchange credit paid for came back: what of it is open again, and where (R37).

A row is a part of what one refund of the credit's sale had spent. The payment that it stands on has
so much less given back, and refunds of its own give it back as ever. A row stays until the refunds
of both sales are gone, so that each is right while it is there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Final

from pos_terminal.core.refund import HOLDING, Kind, Refund, State
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books.book import Book, Gone, HeldBy, Invariant, Log
from pos_terminal.services.ledger.names import among
from pos_terminal.services.ledger.step import Step

_TABLES: Final = """
CREATE TABLE reopened (
    refund_id INTEGER NOT NULL,
    of_refund INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (refund_id, of_refund)
) STRICT, WITHOUT ROWID;
CREATE INDEX reopened_of ON reopened (of_refund);

CREATE TRIGGER no_more_than_was_spent BEFORE INSERT ON reopened
WHEN NEW.amount + (SELECT coalesce(sum(o.amount), 0) FROM reopened o
        WHERE o.of_refund = NEW.of_refund)
    > coalesce((SELECT r.done FROM refunds r WHERE r.refund_id = NEW.of_refund), 0)
BEGIN
    SELECT RAISE(ABORT, 'more is open again than was spent');
END;

CREATE TRIGGER reopened_stays BEFORE UPDATE ON reopened
BEGIN
    SELECT RAISE(ABORT, 'what is open again is never changed');
END;
"""
_LEFT: Final = f"""SELECT r.refund_id, r.done - (SELECT coalesce(sum(o.amount), 0) FROM reopened o
    WHERE o.of_refund = r.refund_id) AS room FROM applications a
    JOIN refunds r ON r.application = a.number
    WHERE a.ticket = ? AND r.kind = '{Kind.EXCHANGE_CREDIT}' ORDER BY a.place, r.refund_id"""
_WHOLE: Final = f"""SELECT r.refund_id FROM refunds r LEFT JOIN (SELECT refund_id,
        sum(amount) AS amount FROM reopened GROUP BY refund_id) o USING (refund_id)
        WHERE iif(r.kind = '{Kind.EXCHANGE_BACK}', r.done, 0) != coalesce(o.amount, 0) LIMIT 1"""
"""What it counts as given back of its own sale is open again elsewhere, and nothing besides."""
_SPENT: Final = f"""SELECT r.refund_id FROM refunds r JOIN (SELECT of_refund,
        sum(amount) AS amount FROM reopened GROUP BY of_refund) o ON o.of_refund = r.refund_id
        WHERE r.kind != '{Kind.EXCHANGE_CREDIT}' OR o.amount > r.done LIMIT 1"""
_SAME_CREDIT: Final = """SELECT o.refund_id FROM reopened o JOIN refunds r USING (refund_id)
    JOIN tenders t ON t.sale_key = r.sale_key AND t.leg = r.leg
    JOIN refunds x ON x.refund_id = o.of_refund JOIN applications a ON a.number = x.application
    WHERE NOT EXISTS (SELECT 1 FROM exchange_credits c JOIN refunds f ON f.refund_id = c.refund_id
        JOIN applications b ON b.number = f.application
        WHERE c.number = t.exchange_no AND b.ticket = a.ticket) LIMIT 1"""
"""Of the credit that had paid."""
_NO_MORE: Final = f"""SELECT x.refund_id FROM (SELECT max(r.refund_id) AS refund_id,
        t.exchange_no AS number, sum(iif(r.state IN {among(HOLDING)}, r.amount, r.done)) AS given
        FROM tenders t JOIN refunds r ON r.sale_key = t.sale_key AND r.leg = t.leg
        WHERE t.kind = '{TenderKind.EXCHANGE}' AND t.exchange_no != ''
        AND r.state != '{State.OVERPAID}' GROUP BY t.exchange_no) x
    JOIN exchange_credits c USING (number) WHERE x.given > c.taken LIMIT 1"""
"""In whatever way it went back: of what a credit paid no more than the till took."""
_NEITHER: Final = f"""({purges.OF_REFUNDS} OR NOT EXISTS (SELECT 1 FROM refunds r
        WHERE r.refund_id = reopened.refund_id))
    AND (of_refund IN (SELECT value FROM json_each(:refunds)) OR NOT EXISTS (SELECT 1
        FROM refunds r WHERE r.refund_id = reopened.of_refund))"""


def left_of(db: sqlite3.Connection, ticket: int) -> dict[int, int]:
    """Of each refund of this ticket's credit what it spent and is not open again, in the order in
    which takings fell on them."""
    return dict(map(tuple, db.execute(_LEFT, (ticket,)).fetchall()))


def add(step: Step, refund: Refund, shares: Mapping[int, int]) -> None:
    """By this refund so much of each of these is open again; the balances are the caller's."""
    for of_refund, amount in shares.items():
        step.db.execute(
            "INSERT INTO reopened (refund_id, of_refund, amount) VALUES (?, ?, ?)",
            (refund.refund_id, of_refund, amount),
        )
        step.log("reopened", refund=refund.refund_id, of_refund=of_refund, amount=amount)


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Each row as its entry says, as long as one of its refunds is there. Failure
    ``ledger.tampered``."""
    gone = log.purged["refunds"]
    logged = sorted(
        (entry["refund"], entry["of_refund"], entry["amount"])
        for entry in log.entries["reopened"]
        if entry["refund"] not in gone or entry["of_refund"] not in gone
    )
    rows = db.execute("SELECT refund_id, of_refund, amount FROM reopened ORDER BY 1, 2")
    if logged != [tuple(row) for row in rows]:
        raise Failure("ledger.tampered", what="what exchange credits reopened")


BOOK: Final = Book(
    tables=_TABLES,
    entries={"reopened": HeldBy("refund", "reopened", "refund_id")},
    witness=_witness,
    invariants=(
        Invariant("reopened by refund", _WHOLE),
        Invariant("reopened of refund", _SPENT),
        Invariant("credit reopened by refund", _SAME_CREDIT),
        Invariant("credit that paid for refund", _NO_MORE),
    ),
    goes=(Gone("reopened", _NEITHER),),
)

"""Findings: what two people learned of an unknown outcome, with the acquirer's reference (R32)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pos_terminal.core.effect import Effect
from pos_terminal.core.refund import Refund, State
from pos_terminal.ports import Approval, Finding
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books.book import (
    Book,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    ReadFace,
)
from pos_terminal.services.ledger.books.payment_key import KEY
from pos_terminal.services.ledger.names import among
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.two_people import (
    are_others,
    erase_names,
    facts_of,
    hold,
    names_mark,
)

_TABLES: Final = f"""
CREATE TABLE findings (
    refund_id INTEGER NOT NULL REFERENCES refunds,
    paid INTEGER NOT NULL CHECK (paid IN (0, 1)),
    done INTEGER NOT NULL,
    reference TEXT NOT NULL CHECK (reference != ''),
    operator TEXT NOT NULL,
    first TEXT NOT NULL,
    first_name TEXT NOT NULL,
    first_at TEXT NOT NULL,
    second TEXT NOT NULL,
    second_name TEXT NOT NULL,
    second_at TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    PRIMARY KEY (refund_id, paid),
    CONSTRAINT what_was_paid CHECK (done BETWEEN 0 AND amount AND paid = (done > 0)),
    CONSTRAINT two_people CHECK (first != second AND operator NOT IN (first, second))
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_payment ON findings ({KEY}) WHERE paid;
"""
_LIST: Final = """SELECT refund_id, paid, done, reference, operator, first, first_name, second,
    second_name, second_at AS at FROM findings ORDER BY refund_id DESC LIMIT :limit"""
_PAID: Final = (State.ACCEPTED, State.CONFIRMED, State.OVERPAID, State.RETURNED)
_FOUND: Final = f"""SELECT r.refund_id FROM refunds r
    LEFT JOIN findings f ON f.refund_id = r.refund_id AND NOT f.paid
    LEFT JOIN findings p ON p.refund_id = r.refund_id AND p.paid
    LEFT JOIN outcomes n ON n.refund_id = r.refund_id AND n.effect = '{Effect.CONCLUDED}'
        AND NOT n.paid
    LEFT JOIN outcomes y ON y.refund_id = r.refund_id AND y.effect = '{Effect.CONCLUDED}'
        AND y.paid WHERE
    (r.state IN {among((State.GIVEN_UP, State.WITHDRAWN, State.OVERPAID))})
        != (coalesce(f.refund_id, n.refund_id) IS NOT NULL)
    OR coalesce(p.done, y.done) != r.done
    OR coalesce(p.done, y.done) IS NOT NULL
        AND r.state NOT IN {among(_PAID)}
    OR f.refund_id IS NOT NULL AND n.refund_id IS NOT NULL
    OR p.refund_id IS NOT NULL AND y.refund_id IS NOT NULL
    LIMIT 1"""
"""What only people or the acquirer's file may say has who said it."""
_FACTS: Final = (
    *("refund", "paid", "done", "reference", "operator", "first", "second", "amount"),
    *("first_at", "second_at"),
)
"""Of an entry, in the order of the columns."""
_BY: Final = "found by"


def finding_of(row: sqlite3.Row) -> Finding:
    first, second = (
        Approval(
            supervisor=row[place],
            name=row[f"{place}_name"],
            at=datetime.fromisoformat(row[f"{place}_at"]),
            amount=row["done"] or row["amount"],
            rule=Finding.RULE,
        )
        for place in ("first", "second")
    )
    return Finding(row["done"], row["reference"], row["operator"], (first, second))


def add(step: Step, refund: Refund, finding: Finding, done: int) -> None:
    """With the conclusion that gives ``done`` back: two people's word, the acquirer's reference.

    ValueError where it is not theirs to give.
    """
    if not are_others(finding.approvals, finding.operator, refund.operator):
        raise ValueError("two people other than the operator conclude an unknown outcome")
    if finding.done != done:
        raise ValueError(f"{done} is not what people found")
    facts: dict[str, str | int] = {
        "paid": int(finding.paid),
        "done": finding.done,
        "reference": finding.reference,
        "operator": finding.operator,
        **facts_of(finding.approvals),
        "amount": refund.amount,
    }
    first, second = (one.name for one in finding.approvals)
    step.db.execute(
        """INSERT INTO findings (refund_id, paid, done, reference, operator, first, first_at,
        second, second_at, amount, first_name, second_name)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (refund.refund_id, *facts.values(), first, second),
    )
    names = names_mark(step.audit_key, _BY, refund.refund_id, first, second)
    step.log("finding", refund=refund.refund_id, names=names, **facts)


def _witness(db: sqlite3.Connection, log: Log) -> None:
    rows = db.execute(
        """SELECT refund_id, f.paid, f.done, reference, f.operator, first, second, f.amount,
        first_at, second_at, first_name, second_name, application FROM findings f
        JOIN refunds USING (refund_id)"""
    )
    hold(log, "finding", _FACTS, rows, own=2, what="findings", by=_BY)


class FindingReads(ReadFace):
    """Fulfils ``ports.FindingReads``."""

    def of_refund(self, refund_id: int) -> Sequence[Finding]:
        sql = "SELECT * FROM findings WHERE refund_id = ? ORDER BY paid"
        return [finding_of(row) for row in self._rows(sql, refund_id)]


BOOK: Final = Book(
    tables=_TABLES,
    entries={"finding": HeldBy("refund", "refunds", "refund_id")},
    witness=_witness,
    invariants=(Invariant("finding on refund", _FOUND),),
    goes=(Gone("findings", purges.OF_REFUNDS),),
    erased={purges.REFUNDS: (erase_names("findings"),)},
    lists=(
        Listing(
            name="findings",
            sql=_LIST,
            columns=("refund_id", "paid", "reference", "operator", "first", "second", "at"),
            shown=lambda _, row: row | {"paid": bool(row["paid"])},
        ),
    ),
)

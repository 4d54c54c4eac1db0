"""Manual refunds: what one was confirmed by, and the list of them (R38).

What people carry out elsewhere is a refund whose form was printed. That it was paid is one
supervisor's word with the reference of whoever paid it, kept here, or the acquirer's file's
(``outcomes``); that nobody pays it any more, and that it was paid all the same, is the word of two
(``findings``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pos_terminal.core.case import CaseKind
from pos_terminal.core.effect import Effect
from pos_terminal.core.reference import payment_key
from pos_terminal.core.refund import Kind, PaidAnother, Refund, State
from pos_terminal.core.words import Failure
from pos_terminal.ports.records import Approval, FormConfirmation
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books import exceptions
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
from pos_terminal.services.ledger.books.payment_key import KEY
from pos_terminal.services.ledger.books.refunds import load
from pos_terminal.services.ledger.books.refunds.reads import refund_of
from pos_terminal.services.ledger.spans import NONE
from pos_terminal.services.ledger.step import Step

_TABLES: Final = f"""
CREATE TABLE form_confirmations (
    refund_id INTEGER NOT NULL PRIMARY KEY REFERENCES refunds,
    done INTEGER NOT NULL CHECK (done > 0),
    reference TEXT NOT NULL CHECK (reference != ''),
    operator TEXT NOT NULL,
    supervisor TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT another CHECK (supervisor != operator)
) STRICT, WITHOUT ROWID;
CREATE INDEX form_confirmations_payment ON form_confirmations ({KEY});
"""
_OPEN: Final = f"SELECT * FROM refunds WHERE state = '{State.FORM_PRINTED}' ORDER BY refund_id"
_WITHDRAWN: Final = f"""SELECT * FROM refunds WHERE state = '{State.WITHDRAWN}'
    ORDER BY refund_id DESC LIMIT 50"""
_OF_APPLICATION: Final = f"""SELECT * FROM refunds WHERE application = ?
    AND kind = '{Kind.MANUAL}'"""
_PAYS: Final = """SELECT a.ticket, t.kind FROM refunds r JOIN applications a
    ON a.number = r.application JOIN tenders t USING (sale_key, leg) WHERE refund_id = ?"""
"""In which visit, and what the customer had paid with."""
_BY_REFERENCE: Final = (
    f"SELECT refund_id, 1 AS typed FROM form_confirmations WHERE {KEY} = ?",
    f"""SELECT refund_id, r.kind = '{Kind.MANUAL}' AS typed FROM findings JOIN refunds r
    USING (refund_id) WHERE {KEY} = ? AND findings.paid""",
    f"""SELECT refund_id, 0 AS typed FROM outcomes WHERE {KEY} = ? AND paid
    AND refund_id IS NOT NULL AND NOT (kind = '{Kind.MANUAL}'
    AND effect IN ('{Effect.CONTRADICTS}', '{Effect.LEFT}'))""",
    "SELECT refund_id, 0 AS typed FROM refunds WHERE rrn = ? COLLATE NOCASE AND done > 0",
)
"""Told by people, and by the acquirer, in its file or on the line: then it is the acquirer's,
whatever it pays."""
_TYPED: Final = """SELECT reference FROM form_confirmations WHERE refund_id = :refund
    UNION ALL SELECT reference FROM findings WHERE refund_id = :refund AND paid"""
_UNCONFIRMED: Final = f"""SELECT r.refund_id FROM refunds r
    LEFT JOIN form_confirmations c USING (refund_id)
    LEFT JOIN outcomes o ON o.refund_id = r.refund_id AND o.effect = '{Effect.CONCLUDED}' AND o.paid
    WHERE (r.state IN ('{State.CONFIRMED}', '{State.RETURNED}') AND r.kind = '{Kind.MANUAL}')
        != (coalesce(c.refund_id,
        iif(r.kind = '{Kind.MANUAL}' AND r.state != '{State.OVERPAID}', o.refund_id, NULL))
        IS NOT NULL)
    OR c.done != r.done OR c.refund_id IS NOT NULL AND o.refund_id IS NOT NULL LIMIT 1"""
_SHARED: Final = f"""WITH told AS MATERIALIZED (
    SELECT x.refund_id, x.key, a.ticket, t.kind, r.sale_key
    FROM (SELECT refund_id, {KEY} AS key FROM form_confirmations
    UNION SELECT refund_id, {KEY} FROM findings WHERE paid
    UNION SELECT refund_id, {KEY} FROM outcomes WHERE paid AND kind = '{Kind.MANUAL}'
        AND effect = '{Effect.CONCLUDED}') x
    JOIN refunds r USING (refund_id) JOIN applications a ON a.number = r.application
    JOIN tenders t ON t.sale_key = r.sale_key AND t.leg = r.leg WHERE r.kind = '{Kind.MANUAL}')
    SELECT two.refund_id FROM told one JOIN told two ON two.key = one.key
    AND two.refund_id > one.refund_id AND two.ticket != one.ticket AND two.kind = one.kind
    WHERE NOT EXISTS (SELECT 1 FROM cases k WHERE k.sale_key IN (one.sale_key, two.sale_key)
        AND k.kind = '{CaseKind.TYPED_DIFFERS}') LIMIT 1"""
"""Forms of two visits that one payment carried out. A till may tell since what a payment that was
typed had been made with: then it was another tender when people said so."""
_LIST: Final = f"""SELECT r.application, s.sale_id, r.leg, r.amount,
    iif(r.state = '{State.OVERPAID}', '{State.CONFIRMED}', r.state) AS state,
    (SELECT x.exception FROM exceptions x WHERE x.application = r.application) AS exception,
    coalesce(c.reference, (SELECT o.reference FROM outcomes o
        WHERE o.refund_id = r.refund_id AND o.effect = '{Effect.CONCLUDED}' AND o.paid),
        (SELECT f.reference FROM findings f WHERE f.refund_id = r.refund_id
        ORDER BY f.paid DESC LIMIT 1), (SELECT o.reference FROM outcomes o
        WHERE o.refund_id = r.refund_id AND o.effect = '{Effect.CONCLUDED}')) AS reference
    FROM refunds r JOIN sales s USING (sale_key) LEFT JOIN form_confirmations c USING (refund_id)
    WHERE r.kind = '{Kind.MANUAL}' ORDER BY r.refund_id DESC LIMIT :limit"""
_FACTS: Final = ("refund", "done", "reference", "operator", "supervisor", "said_at")
"""Of an entry, in the order of the columns."""
_BY: Final = "confirmed by"


def carried_out_by(db: sqlite3.Connection, reference: str, form: int) -> Refund | None:
    """As of ``ports.ManualReads``."""
    key, own = payment_key(reference), db.execute(_PAYS, (form,)).fetchone()
    told = [
        (row["refund_id"], row["typed"]) for sql in _BY_REFERENCE for row in db.execute(sql, (key,))
    ]
    for number, typed in sorted(told):
        other = db.execute(_PAYS, (number,)).fetchone()
        if other["ticket"] != own["ticket"] and (not typed or other["kind"] == own["kind"]):
            return load(db, number)
    return None


def confirmed_by(db: sqlite3.Connection, references: Sequence[str], refund: int) -> Refund | None:
    """As of ``ports.ManualReads``."""
    own = db.execute(_PAYS, (refund,)).fetchone()
    for key in map(payment_key, filter(None, references)):
        for number in sorted({row[0] for sql in _BY_REFERENCE for row in db.execute(sql, (key,))}):
            form = load(db, number)
            paid = form.kind is Kind.MANUAL and form.done > 0
            if paid and db.execute(_PAYS, (number,)).fetchone()["ticket"] != own["ticket"]:
                return form
    return None


def must_be_its_own(step: Step, refund: Refund, reference: str) -> None:
    """One payment carries out one form; PaidAnother where it was told for another refund."""
    other = carried_out_by(step.db, reference, refund.refund_id)
    if other is not None:
        raise PaidAnother(other.application)


def add(step: Step, refund: Refund, confirmation: FormConfirmation, done: int) -> None:
    """With the conclusion that gives ``done`` back. ValueError where it is not theirs to say."""
    yes = confirmation.approval
    if yes.supervisor in (confirmation.operator, refund.operator):
        raise ValueError("somebody other than the operator confirms a form")
    if confirmation.done != done:
        raise ValueError(f"{done} is not what was confirmed")
    facts: dict[str, str | int] = {
        "done": done,
        "reference": confirmation.reference,
        "operator": confirmation.operator,
        "supervisor": yes.supervisor,
        "said_at": yes.at.isoformat(),
    }
    step.db.execute(
        """INSERT INTO form_confirmations (refund_id, done, reference, operator, supervisor, at,
        name) VALUES (?, ?, ?, ?, ?, ?, ?)""",
        (refund.refund_id, *facts.values(), yes.name),
    )
    name = mark(step.audit_key, _BY, refund.refund_id, yes.name)
    step.log("form_confirmed", refund=refund.refund_id, name=name, **facts)


def _witness(db: sqlite3.Connection, log: Log) -> None:
    names = {entry["refund"]: entry["name"] for entry in log.entries["form_confirmed"]}
    erased = log.purged.erased.get(purges.REFUNDS, NONE)
    stored = []
    for *row, name, application in db.execute(
        """SELECT refund_id, c.done, reference, c.operator, supervisor, at, name, application
        FROM form_confirmations c JOIN refunds USING (refund_id)"""
    ):
        stored.append(tuple(row))
        right = mark(log.key, _BY, row[0], name) == names.get(row[0])
        if name if application in erased else not right:
            raise Failure("ledger.tampered", what="confirmed forms")
    if log.of_kept("form_confirmed", "refund", "refunds", *_FACTS) != sorted(stored):
        raise Failure("ledger.tampered", what="confirmed forms")


def _confirmation_of(row: sqlite3.Row, amount: int) -> FormConfirmation:
    yes = Approval(
        supervisor=row["supervisor"],
        name=row["name"],
        at=datetime.fromisoformat(row["at"]),
        amount=amount,
        rule=FormConfirmation.RULE,
    )
    return FormConfirmation(row["done"], row["reference"], row["operator"], yes)


class ManualReads(ReadFace):
    """Fulfils ``ports.ManualReads``."""

    def open_ones(self) -> Sequence[Refund]:
        return [refund_of(row) for row in self._rows(_OPEN)]

    def withdrawn(self) -> Sequence[Refund]:
        return [refund_of(row) for row in self._rows(_WITHDRAWN)]

    def of_application(self, number: int) -> Refund | None:
        found = self._rows(_OF_APPLICATION, number)
        return refund_of(found[0]) if found else None

    def carried_out_by(self, reference: str, form: int) -> Refund | None:
        return carried_out_by(self._reads.db, reference, form)

    def confirmed_by(self, references: Sequence[str], refund: int) -> Refund | None:
        return confirmed_by(self._reads.db, references, refund)

    def paid_by(self, refund_id: int) -> str | None:
        found = self._reads.db.execute(_TYPED, {"refund": refund_id}).fetchone()
        return None if found is None else str(found["reference"])

    def confirmation(self, refund_id: int) -> FormConfirmation | None:
        sql = "SELECT * FROM form_confirmations WHERE refund_id = ?"
        found = self._rows(sql, refund_id)
        return _confirmation_of(found[0], found[0]["done"]) if found else None


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    evidence = query(exceptions.EVIDENCE, {"application": row["application"]})
    return row | {"reference": row["reference"] or "", "evidence": evidence}


BOOK: Final = Book(
    tables=_TABLES,
    entries={"form_confirmed": HeldBy("refund", "refunds", "refund_id")},
    witness=_witness,
    invariants=(
        Invariant("confirmation of manual refund", _UNCONFIRMED),
        Invariant("payment of two forms", _SHARED),
    ),
    goes=(Gone("form_confirmations", purges.OF_REFUNDS),),
    erased={
        purges.REFUNDS: (
            """UPDATE form_confirmations SET name = '' WHERE refund_id IN (SELECT refund_id
            FROM refunds WHERE application IN (SELECT value FROM json_each(:numbers)))""",
        )
    },
    lists=(
        Listing(
            name="manual",
            sql=_LIST,
            columns=("application", "sale_id", "leg", "amount", "state", "reference"),
            shown=_shown,
        ),
    ),
)

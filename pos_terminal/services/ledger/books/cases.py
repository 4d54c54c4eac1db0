"""Cases: where people must act on a refund or a sale, until they close it (R8, R45).

Closing one moves no money. What an overpaid refund gave back beside the balance, or the further
postings of one that the acquirer paid more than once, is counted into it, as far as there is room:
the sale gives back only what is left after it (R32). Where the overpayment was more than that, the
rest stays with the case's reference, and nothing is left of the sale.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import asdict

from pos_terminal.core.case import (
    ABOUT_UNKNOWN,
    FACTS,
    LOCKING,
    CaseFacts,
    CaseKind,
    CaseState,
    PaidTwice,
    Reported,
    supervisors_to_close,
)
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.refund import HOLDING, OPEN, Refund
from pos_terminal.core.words import Failure
from pos_terminal.ports import Case, Closing
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import refunds, sales, slips
from pos_terminal.services.ledger.books.book import (
    Book,
    Face,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    Loose,
    Numbered,
    ReadFace,
)
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.receipt.slip import Slip

_TABLES: Final = f"""
CREATE TABLE cases (
    case_id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL REFERENCES case_kinds,
    sale_key INTEGER REFERENCES sales,
    refund_id INTEGER REFERENCES refunds,
    state TEXT NOT NULL REFERENCES case_states,
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    CHECK ((state = '{CaseState.CLOSED}') = (closed_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX cases_refund ON cases (refund_id, kind) WHERE refund_id IS NOT NULL;
CREATE UNIQUE INDEX cases_sale ON cases (sale_key, kind) WHERE refund_id IS NULL;
CREATE INDEX cases_loose ON cases (case_id) WHERE sale_key IS NULL;
CREATE INDEX cases_of_sale ON cases (sale_key);
CREATE INDEX cases_open ON cases (case_id) WHERE state = '{CaseState.OPEN}';

CREATE TABLE closings (
    case_id INTEGER PRIMARY KEY REFERENCES cases,
    at TEXT NOT NULL,
    reference TEXT NOT NULL CHECK (reference != ''),
    operator TEXT NOT NULL,
    first TEXT NOT NULL,
    first_name TEXT NOT NULL,
    second TEXT,
    second_name TEXT,
    counted INTEGER NOT NULL CHECK (counted >= 0),
    CONSTRAINT others CHECK (first != operator AND (second IS NULL) = (second_name IS NULL)
        AND (second IS NULL OR second NOT IN (first, operator)))
) STRICT;
"""
_OPEN_ONES: Final = f"""SELECT * FROM cases WHERE state = '{CaseState.OPEN}'
    ORDER BY case_id LIMIT 50"""
_TO_CLOSE: Final = f"""SELECT count(*) FROM cases k LEFT JOIN refunds r
    ON r.refund_id = k.refund_id WHERE k.state = '{CaseState.OPEN}'
    AND coalesce(r.state, '') NOT IN {among(OPEN)}"""
_OF_SALE: Final = """SELECT * FROM cases WHERE sale_key = ? AND kind = ?
    AND refund_id IS NULL"""
_LIST: Final = """SELECT case_id, kind, refund_id, sale_key, sale_id, k.state, opened_at, closed_at,
    reference, operator AS closed_by, first, second, counted FROM cases k
    LEFT JOIN closings USING (case_id) LEFT JOIN sales USING (sale_key)
    ORDER BY case_id DESC LIMIT :limit"""
_ERASED: Final = """UPDATE closings SET first_name = '', second_name = iif(second IS NULL, NULL, '')
    WHERE case_id IN (SELECT case_id FROM cases WHERE refund_id IN (SELECT refund_id FROM refunds
    WHERE application IN (SELECT value FROM json_each(:numbers))))"""
_SALE_STAYS: Final = f"""EXISTS (SELECT 1 FROM cases c WHERE c.sale_key = s.sale_key
        AND (c.state = '{CaseState.OPEN}' OR substr(c.closed_at, 1, 10) >= :quiet))"""
_APPLICATION_STAYS: Final = f"""EXISTS (SELECT 1 FROM refunds r JOIN cases c USING (refund_id)
            WHERE r.application = x.number AND c.state = '{CaseState.OPEN}')"""
_SLIP_STAYS: Final = f"""EXISTS (SELECT 1 FROM cases c WHERE c.state = '{CaseState.OPEN}'
            AND c.case_id = x.case_id)"""
_LOOSE_STAYS: Final = f"""x.state = '{CaseState.OPEN}' OR substr(x.closed_at, 1, 10) >= :quiet
    OR EXISTS (SELECT 1 FROM print_jobs j WHERE j.case_id = x.case_id
        AND j.state IN {among(UNPRINTED)})"""
_CLOSED: Final = f"""SELECT case_id FROM closings JOIN cases USING (case_id)
    WHERE state = '{CaseState.OPEN}' LIMIT 1"""
_CLOSING: Final = ("number", "case", "reference", "operator", "first", "second", "counted")
"""Facts of an entry, in the order of the columns."""


def case_of(row: sqlite3.Row) -> Case:
    kind = CaseKind(row["kind"])
    return Case(
        case_id=row["case_id"],
        kind=kind,
        sale_key=row["sale_key"],
        refund_id=row["refund_id"],
        open=row["state"] == CaseState.OPEN,
        opened_at=datetime.fromisoformat(row["opened_at"]),
        facts=msgspec.json.decode(row["facts"], type=FACTS[kind]),
    )


def load(db: sqlite3.Connection, case_id: int) -> Case:
    """KeyError for a case that never was."""
    row = db.execute("SELECT * FROM cases WHERE case_id = ?", (case_id,)).fetchone()
    if row is None:
        raise KeyError(case_id)
    return case_of(row)


def open_of_refund(step: Step, refund_id: int, kind: CaseKind, facts: CaseFacts) -> int:
    """The case's number; a refund has one of each kind, which is opened once."""
    _opens(step, refund_id, kind, facts)
    number: int = step.db.execute(
        "SELECT case_id FROM cases WHERE refund_id = ? AND kind = ?", (refund_id, kind)
    ).fetchone()[0]
    return number


def _opens(step: Step, refund_id: int, kind: CaseKind, facts: CaseFacts) -> bool:
    """Whether it is new; one that was opened before, and perhaps closed since, stays as it is."""
    opened = step.db.execute(
        f"""INSERT INTO cases (kind, sale_key, refund_id, state, opened_at, facts)
        SELECT ?, sale_key, refund_id, '{CaseState.OPEN}', ?, ? FROM refunds WHERE refund_id = ?
        ON CONFLICT DO NOTHING RETURNING case_id, sale_key""",
        (kind, step.now.isoformat(), _stored(facts), refund_id),
    ).fetchall()
    for number, sale_key in opened:
        _log_opened(step, number, kind, sale_key, refund=refund_id)
    return bool(opened)


def _log_opened(
    step: Step, number: int, kind: CaseKind, sale_key: int | None, **more: str | int
) -> None:
    """What the witness holds a case against: its kind, and what it is about."""
    sale = sales.name_of(step.db, sale_key)
    step.log("case", number=number, case=kind, sale=sale, sale_key=sale_key, **more)


def paid_twice(step: Step, refund_id: int, facts: PaidTwice) -> bool:
    """Several postings of one request, with their evidence; and whether it is new."""
    new = _opens(step, refund_id, CaseKind.PAID_TWICE, facts)
    if new:
        step.log("paid_twice", refund=refund_id, **asdict(facts))
    return new


def _stored(facts: CaseFacts) -> str:
    return msgspec.json.encode(facts).decode()


def open_of_sale(
    step: Step, sale_key: int, kind: CaseKind, operator: str, make: Callable[[int], Sequence[Slip]]
) -> int:
    """The case's number. What it is about is on its slips, which are queued with it, once."""
    known = step.db.execute(
        "SELECT case_id FROM cases WHERE sale_key = ? AND kind = ? AND refund_id IS NULL",
        (sale_key, kind),
    ).fetchone()
    if known is not None:
        step.log("case_again", case=known["case_id"], operator=operator)
        return int(known["case_id"])
    number = _insert(step, sale_key, kind, Reported(operator))
    slips.queue(step, make(number), None, None, case_id=number)
    _log_opened(step, number, kind, sale_key, operator=operator)
    return number


def open_loose(step: Step, kind: CaseKind, facts: CaseFacts, queued: Sequence[Slip] = ()) -> int:
    """A case of which the ledger has no sale; its number. Each call opens another one."""
    number = _insert(step, None, kind, facts)
    slips.queue(step, queued, None, None, case_id=number)
    _log_opened(step, number, kind, None)
    return number


def _insert(step: Step, sale_key: int | None, kind: CaseKind, facts: CaseFacts) -> int:
    return step.insert(
        f"""INSERT INTO cases (kind, sale_key, state, opened_at, facts)
        VALUES (?, ?, '{CaseState.OPEN}', ?, ?)""",
        (kind, sale_key, step.now.isoformat(), _stored(facts)),
    )


def close_unknown(step: Step, refund_id: int, state: str) -> None:
    """The outcome is known: nobody needs to ask for it any more."""
    closed = step.db.execute(
        f"""UPDATE cases SET state = '{CaseState.CLOSED}', closed_at = ?
        WHERE refund_id = ? AND kind IN {among(ABOUT_UNKNOWN)} AND state = '{CaseState.OPEN}'""",
        (step.now.isoformat(), refund_id),
    ).rowcount
    if closed:
        step.log("case_closed", refund=refund_id, state=state)


def close(step: Step, case_id: int, closing: Closing) -> Case:
    """By people. Failure ``cases.…``; ValueError where it is not theirs to close."""
    case = load(step.db, case_id)
    if not case.open:
        raise Failure("cases.closed", number=case_id)
    refund = None if case.refund_id is None else refunds.load(step.db, case.refund_id)
    if refund is not None and refund.state in OPEN:
        raise Failure("cases.outcome_open", number=case_id)
    _check_people(case, refund, closing)
    counted = 0
    if case.kind in LOCKING and refund is not None:
        counted = _count_in(step, refund, case.over or refund.done)
    _store_closing(step, case, closing, counted)
    if case.kind in LOCKING:
        sales.unlock(step, case.sale_key, case_id)
    return load(step.db, case_id)


def _check_people(case: Case, refund: Refund | None, closing: Closing) -> None:
    makers = {closing.operator, *(() if refund is None else (refund.operator,))}
    people = {one.supervisor for one in closing.approvals} - makers
    if not len(people) == len(closing.approvals) == supervisors_to_close(case.kind):
        raise ValueError("a case is closed by people other than who made it")


def _count_in(step: Step, refund: Refund, over: int) -> int:
    """``over``, or less, out of the balance, as far as it reaches: minor units.

    Failure ``cases.leg_open`` while another refund of the leg is open: what it holds may come
    free again, and would then be given back beside the overpayment.
    """
    row = step.db.execute(
        f"""SELECT amount - done - held AS room, EXISTS (SELECT 1 FROM refunds r WHERE
        r.sale_key = t.sale_key AND r.leg = t.leg AND r.state IN {among(HOLDING)}) AS busy
        FROM tenders t WHERE sale_key = ? AND leg = ?""",
        (refund.sale_key, refund.leg),
    ).fetchone()
    if row["busy"]:
        raise Failure("cases.leg_open")
    counted = min(over, int(row["room"]))
    sales.count_in(step, refund.sale_key, refund.leg, counted)
    return counted


def _store_closing(step: Step, case: Case, closing: Closing, counted: int) -> None:
    first, *others = closing.approvals
    second = others[0] if others else None
    step.db.execute(
        f"UPDATE cases SET state = '{CaseState.CLOSED}', closed_at = ? WHERE case_id = ?",
        (step.now.isoformat(), case.case_id),
    )
    step.db.execute(
        """INSERT INTO closings (case_id, at, reference, operator, first, first_name, second,
        second_name, counted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(case.case_id, step.now.isoformat(), closing.reference, closing.operator),
            *(first.supervisor, first.name),
            *((None, None) if second is None else (second.supervisor, second.name)),
            counted,
        ),
    )
    step.log(
        "closing",
        number=case.case_id,
        case=case.kind,
        reference=closing.reference,
        operator=closing.operator,
        first=first.supervisor,
        second=None if second is None else second.supervisor,
        counted=counted,
    )


def _witness(db: sqlite3.Connection, log: Log) -> None:
    _check_opened(db, log)
    _check_paid_twice(db, log)
    logged = sorted(
        tuple(str(closing[fact]) for fact in _CLOSING)
        for closing in log.entries["closing"]
        if closing["number"] not in log.purged["cases"]
    )
    stored = db.execute(
        """SELECT case_id, kind, reference, operator, first, second, counted
        FROM closings LEFT JOIN cases USING (case_id)"""
    )
    if logged != sorted(tuple(map(str, row)) for row in stored):
        raise Failure("ledger.tampered", what="closed cases")


def _check_opened(db: sqlite3.Connection, log: Log) -> None:
    """Every case is there, and is about what it was opened for."""
    logged = [
        (entry["number"], entry["case"], entry["sale_key"], entry.get("refund"))
        for entry in log.entries["case"]
        if entry["number"] not in log.purged["cases"]
    ]
    stored = db.execute("SELECT case_id, kind, sale_key, refund_id FROM cases ORDER BY case_id")
    if logged != list(map(tuple, stored)):
        raise Failure("ledger.tampered", what="cases")


def _check_paid_twice(db: sqlite3.Connection, log: Log) -> None:
    """The cases that lock a sale though its refund's state is a plain one."""
    logged = log.of_kept("paid_twice", "refund", "refunds", "refund", "over")
    stored = db.execute(
        "SELECT refund_id, facts ->> 'over' FROM cases WHERE kind = ?", (CaseKind.PAID_TWICE,)
    )
    if logged != sorted(map(tuple, stored)):
        raise Failure("ledger.tampered", what="cases of what was paid twice")


class CaseReads(ReadFace):
    """Fulfils ``ports.CaseReads``."""

    def open_ones(self) -> Sequence[Case]:
        return [case_of(row) for row in self._rows(_OPEN_ONES)]

    def to_close(self) -> int:
        (row,) = self._rows(_TO_CLOSE)
        return int(row[0])

    def by_id(self, case_id: int) -> Case | None:
        return self._one("SELECT * FROM cases WHERE case_id = ?", case_id)

    def of_sale(self, sale_key: int, kind: CaseKind) -> Case | None:
        return self._one(_OF_SALE, sale_key, kind)

    def _one(self, sql: str, *values: str | int) -> Case | None:
        found = self._rows(sql, *values)
        return case_of(found[0]) if found else None


class Cases(Face, CaseReads):
    """Fulfils ``ports.Cases``."""

    async def open(self, refund_id: int, kind: CaseKind, operator: str) -> int:
        facts = Reported(operator)
        return await self._door.step(
            "open_case", lambda step: open_of_refund(step, refund_id, kind, facts)
        )

    async def open_of_sale(
        self, sale_key: int, kind: CaseKind, operator: str, slips: Callable[[int], Sequence[Slip]]
    ) -> int:
        return await self._door.step(
            "open_sale_case", lambda step: open_of_sale(step, sale_key, kind, operator, slips)
        )

    async def close(self, case_id: int, closing: Closing) -> Case:
        return await self._door.step("close_case", lambda step: close(step, case_id, closing))


BOOK: Final = Book(
    names=(Names.of("case_kinds", CaseKind), Names.of("case_states", CaseState)),
    tables=_TABLES,
    entries={
        "case": HeldBy("number", "cases", "case_id"),
        "paid_twice": HeldBy("refund", "refunds", "refund_id"),
        "closing": HeldBy("number", "cases", "case_id"),
    },
    witness=_witness,
    invariants=(Invariant("closing of case", _CLOSED),),
    numbered=(Numbered("cases", "case_id"),),
    loose=(Loose("cases", "case_id", "opened_at", _LOOSE_STAYS),),
    goes=(
        *(
            Gone(table, "case_id IN (SELECT value FROM json_each(:cases))")
            for table in ("cases", "closings")
        ),
    ),
    erased={purges.REFUNDS: (_ERASED,)},
    stays={purges.REFUNDS: _APPLICATION_STAYS, purges.SLIPS: _SLIP_STAYS},
    sale_stays=_SALE_STAYS,
    lists=(
        Listing(
            name="cases",
            sql=_LIST,
            columns=(
                *("case_id", "kind", "refund_id", "sale_id", "state", "opened_at", "closed_at"),
            ),
        ),
    ),
)

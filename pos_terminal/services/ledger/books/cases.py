"""Cases: where people must act on a refund or a sale, until they close it (R8, R45).

``over`` is what the acquirer paid beside what the ledger has as given back: after the refund was
given up or declined, more than once, or more than was answered. While such a case is open its
sale is locked. Closing one moves no money: ``over`` is counted into the balance, as far as there
is room, and the sale gives back only what is left after it (R32). Where it was more than that,
the rest stays with the case's reference, and nothing is left of the sale. A case of what the
ledger knows nothing of has no sale.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from pos_terminal.core.case import (
    ABOUT_UNKNOWN,
    FACTS,
    CaseFacts,
    CaseKind,
    CaseState,
    Contradicted,
    PaidUnknown,
    Reported,
    ToldElsewhere,
    supervisors_to_close,
)
from pos_terminal.core.digest import digest
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.refund import HOLDING, OPEN, Refund, State
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.words import Failure
from pos_terminal.ports import Case, Closing
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books import refunds, sales, slips
from pos_terminal.services.ledger.books.book import (
    MOMENT,
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
from pos_terminal.services.ledger.spans import NONE
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.receipt.slip import Slip

_TABLES: Final = f"""
CREATE TABLE cases (
    case_id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL REFERENCES case_kinds,
    sale_key INTEGER REFERENCES sales,
    refund_id INTEGER REFERENCES refunds,
    over INTEGER NOT NULL DEFAULT 0 CHECK (over >= 0),
    told TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL REFERENCES case_states,
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    CHECK ((state = '{CaseState.CLOSED}') = (closed_at IS NOT NULL)),
    CHECK (refund_id IS NULL OR sale_key IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX cases_refund ON cases (refund_id, kind, told) WHERE refund_id IS NOT NULL;
CREATE UNIQUE INDEX cases_sale ON cases (sale_key, kind, told) WHERE refund_id IS NULL;
CREATE UNIQUE INDEX cases_told ON cases (told, kind) WHERE sale_key IS NULL AND told != '';
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
_LIST: Final = """SELECT case_id, kind, refund_id, sale_key, sale_id, over, k.state, opened_at,
    closed_at, reference, operator AS closed_by, first, second, counted FROM cases k
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
_ENDED: Final = f"""SELECT case_id FROM cases k LEFT JOIN refunds r USING (refund_id)
    WHERE k.state = '{CaseState.CLOSED}' AND k.kind IN {among(ABOUT_UNKNOWN)}
    AND r.state IN {among(OPEN)}
    OR k.state = '{CaseState.CLOSED}' AND k.kind NOT IN {among(ABOUT_UNKNOWN)}
    AND NOT EXISTS (SELECT 1 FROM closings c WHERE c.case_id = k.case_id) LIMIT 1"""
"""Closed by itself once the outcome is known; all others by people."""
_OVERPAID: Final = f"""SELECT r.refund_id FROM refunds r WHERE (r.state = '{State.OVERPAID}')
    != (EXISTS (SELECT 1 FROM cases k WHERE k.refund_id = r.refund_id AND k.over = r.done
    AND k.kind = '{CaseKind.OVERPAYMENT}')) LIMIT 1"""
_REST: Final = f"""WITH closed AS (SELECT c.counted,
    iif(k.kind != '{CaseKind.ELSEWHERE}'
        OR k.facts ->> 'event' = '{SaleEvent.REFUNDED_ELSEWHERE}', k.over, 0) AS over
    FROM closings c JOIN cases k USING (case_id) LEFT JOIN refunds r USING (refund_id)
    WHERE k.sale_key = :sale_key AND coalesce(r.leg, k.facts ->> 'leg') = :leg)
    SELECT coalesce(sum(over), 0) - coalesce(sum(counted), 0)
    - (SELECT coalesce(sum(e.counted), 0) FROM feed_events e JOIN sales USING (sale_id)
        WHERE sale_key = :sale_key AND e.leg = :leg AND e.kind = '{SaleEvent.ADJUSTED}') AS rest
    FROM closed"""
"""Paid by closed cases, less what the balance took of it at their closing and since."""
_CASE: Final = ("number", "case", "sale_key", "refund", "over", "told", "digest", MOMENT)
"""Facts of a case's entry, in the order of the columns."""
_CLOSING: Final = (
    *("number", "case", "reference", "operator", "first", "second", "counted", MOMENT),
)
"""Facts of an entry, in the order of the columns."""


def case_of(row: sqlite3.Row) -> Case:
    kind = CaseKind(row["kind"])
    return Case(
        case_id=row["case_id"],
        kind=kind,
        sale_key=row["sale_key"],
        refund_id=row["refund_id"],
        over=row["over"],
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


def open_of_refund(
    step: Step,
    refund_id: int,
    kind: CaseKind,
    facts: CaseFacts,
    *,
    over: int = 0,
    told: str = "",
) -> int:
    """The case's number. ``over``, minor units, locks its sale.

    A refund has one of each kind, which is opened once; where the acquirer told of it, one of each
    kind and record: ``told`` names that. One that was opened before, and perhaps closed since,
    stays as it is.
    """
    key = (refund_id, kind, told)
    known = step.db.execute(
        "SELECT case_id FROM cases WHERE refund_id = ? AND kind = ? AND told = ?", key
    ).fetchone()
    if known is not None:
        return int(known["case_id"])
    sale = refunds.load(step.db, refund_id).sale_key
    number = _add(step, kind, facts, sale_key=sale, refund_id=refund_id, over=over, told=told)
    if over:
        sales.lock(step, sale, refund_id)
    return number


def _add(
    step: Step,
    kind: CaseKind,
    facts: CaseFacts,
    *,
    sale_key: int | None = None,
    refund_id: int | None = None,
    over: int = 0,
    told: str = "",
) -> int:
    """A new case with its entry; its number."""
    text = _stored(facts)
    number = step.insert(
        f"""INSERT INTO cases (kind, sale_key, refund_id, over, told, state, opened_at, facts)
        VALUES (?, ?, ?, ?, ?, '{CaseState.OPEN}', ?, ?)""",
        (kind, sale_key, refund_id, over, told, step.now.isoformat(), text),
    )
    step.log(
        "case",
        number=number,
        case=kind,
        sale=sales.name_of(step.db, sale_key),
        sale_key=sale_key,
        refund=refund_id,
        over=over,
        told=told,
        digest=digest((text,)),
    )
    return number


def contradict(step: Step, refund_id: int, facts: Contradicted, told: str) -> int | None:
    """What the acquirer says against a final state; its number, None where all of it is known.

    Less than the ledger has is a case, too, but no money and no lock.
    """
    refund = refunds.load(step.db, refund_id)
    beside = facts.told - refund.done - contradicted(step.db, refund_id)
    if facts.told > refund.done and beside <= 0:
        return None
    kind = CaseKind.CONTRADICTION
    return open_of_refund(step, refund_id, kind, facts, over=max(beside, 0), told=told)


def contradicted(db: sqlite3.Connection, refund_id: int) -> int:
    """What the acquirer is known to have paid of this refund against the ledger's word."""
    sql = "SELECT coalesce(sum(over), 0) FROM cases WHERE refund_id = ? AND kind = ?"
    return int(db.execute(sql, (refund_id, CaseKind.CONTRADICTION)).fetchone()[0])


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
    number = _add(step, kind, Reported(operator), sale_key=sale_key)
    slips.queue(step, make(number), None, None, case_id=number)
    return number


def open_loose(
    step: Step,
    kind: CaseKind,
    facts: CaseFacts,
    queued: Sequence[Slip] = (),
    *,
    over: int = 0,
    told: str = "",
) -> int:
    """A case of which the ledger has no sale; its number.

    Each call opens another one, but for what ``told`` names, as of ``open_of_refund``.
    """
    known = step.db.execute(
        """SELECT case_id FROM cases WHERE sale_key IS NULL AND told != '' AND told = ?
        AND kind = ?""",
        (told, kind),
    ).fetchone()
    if known is not None:
        return int(known["case_id"])
    number = _add(step, kind, facts, over=over, told=told)
    slips.queue(step, queued, None, None, case_id=number)
    return number


def told_elsewhere(step: Step, sale_key: int, facts: ToldElsewhere, *, over: int, told: str) -> int:
    """Another system did more than is left of the sale; the case's number. As ``lock_sale``."""
    return lock_sale(step, sale_key, CaseKind.ELSEWHERE, facts, over=over, told=told)


def lock_sale(
    step: Step, sale_key: int, kind: CaseKind, facts: CaseFacts, *, over: int, told: str
) -> int:
    """What others did to a sale is a case; its number.

    So much ``over``, minor units, locks the sale. ``told`` names what they did.
    """
    number = _add(step, kind, facts, sale_key=sale_key, over=over, told=told)
    if over:
        sales.lock(step, sale_key, None)
    return number


def close_unknown(step: Step, refund_id: int, state: str) -> None:
    """The outcome is known: nobody needs to ask for it any more."""
    closed = step.db.execute(
        f"""UPDATE cases SET state = '{CaseState.CLOSED}', closed_at = ?
        WHERE refund_id = ? AND kind IN {among(ABOUT_UNKNOWN)} AND state = '{CaseState.OPEN}'
        RETURNING case_id""",
        (step.now.isoformat(), refund_id),
    )
    for (number,) in closed.fetchall():
        step.log("case_closed", number=number, refund=refund_id, state=state)


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
    if case.over and refund is not None:
        counted = _count_in(step, refund.sale_key, refund.leg, case.over)
    elif isinstance(case.facts, ToldElsewhere):
        counted = _count_elsewhere(step, case, case.facts)
    elif isinstance(case.facts, PaidUnknown):
        counted = _count_in(step, case.sale_key, case.facts.leg, case.over)
    _store_closing(step, case, closing, counted)
    if case.over and case.sale_key is not None:
        sales.unlock(step, case.sale_key, case_id)
    return load(step.db, case_id)


def _check_people(case: Case, refund: Refund | None, closing: Closing) -> None:
    makers = {closing.operator, *(() if refund is None else (refund.operator,))}
    people = {one.supervisor for one in closing.approvals} - makers
    if not len(people) == len(closing.approvals) == supervisors_to_close(case.over):
        raise ValueError("a case is closed by people other than who made it")


def _count_elsewhere(step: Step, case: Case, facts: ToldElsewhere) -> int:
    """What came free since is taken after all, as far as it was paid; minor units."""
    if case.sale_key is None or not facts.leg:
        return 0
    refunded = facts.event is SaleEvent.REFUNDED_ELSEWHERE
    sales.settle_total(step, case.sale_key, facts.leg)
    over = _rest(step.db, case.sale_key, facts.leg) + (case.over if refunded else 0)
    return _count_in(step, case.sale_key, facts.leg, over)


def take_rest(step: Step, sale_key: int, leg: int) -> int:
    """A leg is larger than it was: what closed cases found no room for is counted now; minor units.

    Nothing is left of such a leg (R32) until its total is above all that was given back of it.
    """
    return sales.count_what_fits(step, sale_key, leg, _rest(step.db, sale_key, leg))


def _rest(db: sqlite3.Connection, sale_key: int, leg: int) -> int:
    """Of what was paid beside the balance by closed cases of this leg, what is not counted yet."""
    row = db.execute(_REST, {"sale_key": sale_key, "leg": leg}).fetchone()
    return max(0, int(row["rest"]))


def _count_in(step: Step, sale_key: int | None, leg: int, over: int) -> int:
    """``over``, or less, out of the balance, as far as it reaches: minor units.

    Failure ``cases.leg_open`` while another refund of the leg is open: what it holds may come
    free again, and would then be given back beside the overpayment.
    """
    row = step.db.execute(
        f"""SELECT amount - done - held AS room, EXISTS (SELECT 1 FROM refunds r WHERE
        r.sale_key = t.sale_key AND r.leg = t.leg AND r.state IN {among(HOLDING)}) AS busy
        FROM tenders t WHERE sale_key = ? AND leg = ?""",
        (sale_key, leg),
    ).fetchone()
    if row is None or sale_key is None:
        return 0
    if row["busy"]:
        raise Failure("cases.leg_open")
    counted = min(over, int(row["room"]))
    sales.count_in(step, sale_key, leg, counted)
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
        names=_names(step.audit_key, case.case_id, [one.name for one in closing.approvals]),
        counted=counted,
    )


def _names(key: bytes, case_id: int, names: Sequence[str]) -> str:
    """Stands for them in the log, which keeps its facts longer than names."""
    return mark(key, "closed by", case_id, *names)


def _witness(db: sqlite3.Connection, log: Log) -> None:
    _check_cases(db, log)
    logged = sorted(
        tuple(str(closing[fact]) for fact in _CLOSING)
        for closing in log.entries["closing"]
        if closing["number"] not in log.purged["cases"]
    )
    names = {closing["number"]: closing["names"] for closing in log.entries["closing"]}
    erased = log.purged.erased.get(purges.REFUNDS, NONE)
    stored = []
    for *row, first, second, application in db.execute(
        """SELECT case_id, c.kind, reference, x.operator, first, second, counted, at, first_name,
        second_name, r.application FROM closings x LEFT JOIN cases c USING (case_id)
        LEFT JOIN refunds r USING (refund_id)"""
    ):
        stored.append(tuple(map(str, row)))
        people = [name for name in (first, second) if name is not None]
        right = not any(people)
        if application not in erased:
            right = _names(log.key, row[0], people) == names.get(row[0])
        if not right:
            raise Failure("ledger.tampered", what="closed cases")
    if logged != sorted(stored):
        raise Failure("ledger.tampered", what="closed cases")


def _check_cases(db: sqlite3.Connection, log: Log) -> None:
    """Every case is what its entry says, and none is missing or back again."""
    gone = log.purged["cases"]
    kept = [entry for entry in log.entries["case"] if entry["number"] not in gone]
    logged = {entry["number"]: tuple(entry[fact] for fact in _CASE) for entry in kept}
    ended = {
        entry["number"]: entry[MOMENT]
        for kind in ("closing", "case_closed")
        for entry in log.entries[kind]
    }
    stored = {}
    for *row, facts, opened_at, closed_at in db.execute(
        """SELECT case_id, kind, sale_key, refund_id, over, told, facts, opened_at, closed_at
        FROM cases"""
    ):
        stored[row[0]] = (*row, digest((facts,)), opened_at)
        if ended.get(row[0]) != closed_at:
            raise Failure("ledger.tampered", what="cases")
    if logged != stored:
        raise Failure("ledger.tampered", what="cases")


class CaseReads(ReadFace):
    """Fulfils ``ports.CaseReads``."""

    def open_ones(self) -> Sequence[Case]:
        return [case_of(row) for row in self._rows(_OPEN_ONES)]

    def to_close(self) -> int:
        (row,) = self._rows(_TO_CLOSE)
        return int(row[0])

    def by_id(self, case_id: int) -> Case | None:
        return self._one("SELECT * FROM cases WHERE case_id = ?", case_id)

    def contradicted_by(self, refund_id: int) -> int:
        return contradicted(self._reads.db, refund_id)

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

    async def contradicted(self, refund_id: int, facts: Contradicted) -> None:
        told = f"rrn {facts.reference}"
        await self._door.step("contradicted", lambda step: contradict(step, refund_id, facts, told))

    async def close(self, case_id: int, closing: Closing) -> Case:
        return await self._door.step("close_case", lambda step: close(step, case_id, closing))


BOOK: Final = Book(
    names=(Names.of("case_kinds", CaseKind), Names.of("case_states", CaseState)),
    tables=_TABLES,
    entries={
        "case": HeldBy("number", "cases", "case_id"),
        "closing": HeldBy("number", "cases", "case_id"),
        "case_closed": HeldBy("number", "cases", "case_id"),
    },
    witness=_witness,
    invariants=(
        Invariant("closing of case", _CLOSED),
        Invariant("end of case", _ENDED),
        Invariant("case of overpaid refund", _OVERPAID),
    ),
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
                *("case_id", "kind", "refund_id", "sale_id", "over", "state", "opened_at"),
                "closed_at",
            ),
        ),
    ),
)

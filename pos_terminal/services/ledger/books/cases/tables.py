"""Tables, checks and lists of cases."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from pos_terminal.core.case import (
    ABOUT_CREDIT,
    ABOUT_UNKNOWN,
    BY_PEOPLE,
    CaseKind,
    CaseState,
)
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.case_step import StepKind
from pos_terminal.core.digest import digest
from pos_terminal.core.effect import Effect
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.refund import OPEN, State
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.books.book import (
    MOMENT,
    Aged,
    Book,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    Loose,
    Numbered,
    Query,
)
from pos_terminal.services.ledger.books.cases import steps
from pos_terminal.services.ledger.books.cases.closing import name_marks
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.spans import NONE

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
    due_on TEXT NOT NULL,
    facts TEXT NOT NULL CHECK (json_valid(facts)),
    CHECK ((state = '{CaseState.CLOSED}') = (closed_at IS NOT NULL)),
    CHECK (refund_id IS NULL OR sale_key IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX cases_refund ON cases (refund_id, kind, told)
    WHERE refund_id IS NOT NULL AND kind NOT IN {among(BY_PEOPLE)};
CREATE UNIQUE INDEX cases_sale ON cases (sale_key, kind, told)
    WHERE refund_id IS NULL AND kind NOT IN {among((*BY_PEOPLE, *ABOUT_CREDIT))};
CREATE UNIQUE INDEX cases_of_credit ON cases (sale_key, kind, told)
    WHERE kind IN {among(ABOUT_CREDIT)} AND state = '{CaseState.OPEN}';
CREATE INDEX cases_of_refund ON cases (refund_id);
CREATE UNIQUE INDEX cases_told ON cases (told, kind) WHERE sale_key IS NULL AND told != '';
CREATE INDEX cases_loose ON cases (case_id) WHERE sale_key IS NULL;
CREATE INDEX cases_of_sale ON cases (sale_key);
CREATE INDEX cases_open ON cases (due_on, case_id) WHERE state = '{CaseState.OPEN}';
CREATE INDEX cases_differ ON cases (told) WHERE kind = '{CaseKind.TYPED_DIFFERS}';

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
    one_payment INTEGER NOT NULL DEFAULT 0 CHECK (one_payment IN (0, 1)),
    cause TEXT REFERENCES case_causes,
    loss_shop INTEGER NOT NULL DEFAULT 0 CHECK (loss_shop >= 0),
    loss_customer INTEGER NOT NULL DEFAULT 0 CHECK (loss_customer >= 0),
    loss_acquirer INTEGER NOT NULL DEFAULT 0 CHECK (loss_acquirer >= 0),
    CONSTRAINT others CHECK (first != operator AND (second IS NULL) = (second_name IS NULL)
        AND (second IS NULL OR second NOT IN (first, operator))),
    CONSTRAINT none_beside CHECK (counted = 0 OR NOT one_payment)
) STRICT;
"""
_LIST: Final = """SELECT case_id, case_id AS number, kind, refund_id, sale_key, sale_id, over,
    k.state, opened_at, due_on, closed_at, reference, operator AS closed_by, first, second, counted,
    cause, loss_shop, loss_customer, loss_acquirer FROM cases k
    LEFT JOIN closings USING (case_id) LEFT JOIN sales USING (sale_key)
    ORDER BY case_id DESC LIMIT :limit"""
_OF_ERASED: Final = """case_id IN (SELECT case_id FROM cases WHERE refund_id IN
    (SELECT refund_id FROM refunds WHERE application IN (SELECT value FROM json_each(:numbers))))"""
_WITHOUT_REFUND: Final = """case_id IN (SELECT case_id FROM cases WHERE refund_id IS NULL
    AND case_id IN (SELECT value FROM json_each(:numbers)))"""


def _erase(which: str) -> tuple[str, ...]:
    """What people said of them, and who they were."""
    return (
        f"""UPDATE closings SET first_name = '', second_name = iif(second IS NULL, NULL, '')
        WHERE {which}""",
        f"UPDATE case_steps SET text = '' WHERE {which}",
        f"UPDATE case_evidence SET reference = '' WHERE {which}",
    )


_STAYS: Final = f"""x.state = '{CaseState.OPEN}' OR substr(x.closed_at, 1, 10) >= :before"""
_SALE_STAYS: Final = f"""EXISTS (SELECT 1 FROM cases c WHERE c.sale_key = s.sale_key
        AND (c.state = '{CaseState.OPEN}' OR substr(c.closed_at, 1, 10) >= :quiet))
    OR {sales.TAKES_OFF}"""
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
    OR k.state = '{CaseState.CLOSED}'
    AND k.kind NOT IN {among((*ABOUT_UNKNOWN, *ABOUT_CREDIT))}
    AND NOT EXISTS (SELECT 1 FROM closings c WHERE c.case_id = k.case_id) LIMIT 1"""
"""Closed by itself once the outcome is known, or tills say what they took; all others by people."""
_OVERPAID: Final = f"""SELECT r.refund_id FROM refunds r LEFT JOIN outcomes o
    ON o.refund_id = r.refund_id AND o.effect = '{Effect.OVERPAID}'
    WHERE (r.state = '{State.OVERPAID}' OR o.refund_id IS NOT NULL)
    != (EXISTS (SELECT 1 FROM cases k WHERE k.refund_id = r.refund_id
    AND k.kind = '{CaseKind.OVERPAYMENT}' AND k.over = iif(r.state = '{State.OVERPAID}', r.done,
        (SELECT min(b.done, r.done) FROM outcomes b WHERE b.refund_id = r.refund_id
        AND b.effect = '{Effect.RETURNED}')))) LIMIT 1"""
_CAME_BACK: Final = f"""SELECT r.refund_id FROM refunds r
    LEFT JOIN outcomes o ON o.refund_id = r.refund_id AND o.effect = '{Effect.RETURNED}'
    LEFT JOIN cases k ON k.refund_id = r.refund_id AND k.kind = '{CaseKind.RETURNED}'
    WHERE (r.state = '{State.RETURNED}') != (o.refund_id IS NOT NULL)
    OR (o.refund_id IS NULL) != (k.case_id IS NULL) OR k.told != o.content
    OR k.facts ->> 'amount' != min(o.done, r.done) OR o.free > min(o.done, r.done) LIMIT 1"""
"""By one line, with its case, and no more than was given back is free by it."""
DAY: Final = 10
"""Characters of the day in a moment. What earlier versions opened is due since then."""
_CASE: Final = ("number", "case", "sale_key", "refund", "over", "told", "digest", MOMENT)
"""Facts of a case's entry, in the order of the columns."""
_CLOSING: Final = (
    *("number", "case", "reference", "operator", "first", "second", "counted", MOMENT),
)
"""Facts of an entry, in the order of the columns."""
_LATER: Final = {"one_payment": 0, "cause": None, "shop": 0, "customer": 0, "acquirer": 0}
"""Those that earlier versions did not have."""


def _witness(db: sqlite3.Connection, log: Log) -> None:
    _check_cases(db, log)
    logged = sorted(
        tuple(
            str(one)
            for one in (
                *(closing[fact] for fact in _CLOSING),
                *(closing.get(fact, unsaid) for fact, unsaid in _LATER.items()),
            )
        )
        for closing in log.entries["closing"]
        if closing["number"] not in log.purged["cases"]
    )
    names = {closing["number"]: closing["names"] for closing in log.entries["closing"]}
    erased = erased_cases(db, log)
    steps.witness(db, log, erased)
    stored = []
    for *row, first, second in db.execute(
        """SELECT case_id, c.kind, reference, x.operator, first, second, counted, at, one_payment,
        x.cause, loss_shop, loss_customer, loss_acquirer, first_name, second_name
        FROM closings x LEFT JOIN cases c USING (case_id)"""
    ):
        stored.append(tuple(map(str, row)))
        people = [name for name in (first, second) if name is not None]
        right = not any(people)
        if row[0] not in erased:
            right = name_marks(log.key, row[0], people) == names.get(row[0])
        if not right:
            raise Failure("ledger.tampered", what="closed cases")
    if logged != sorted(stored):
        raise Failure("ledger.tampered", what="closed cases")


def erased_cases(db: sqlite3.Connection, log: Log) -> frozenset[int]:
    """Of which nobody's words and names are left: those of a refund went with it, by age."""
    refunds = log.purged.erased.get(purges.REFUNDS, NONE)
    alone = log.purged.erased.get(purges.CASES, NONE)
    found = db.execute(
        "SELECT case_id, refund_id, application FROM cases LEFT JOIN refunds USING (refund_id)"
    )
    return frozenset(
        case
        for case, refund, application in found
        if (case in alone if refund is None else application in refunds)
    )


def _check_cases(db: sqlite3.Connection, log: Log) -> None:
    """Every case is what its entry says, and none is missing or back again."""
    gone = log.purged["cases"]
    joined = sales.Joined.of(log)
    kept = [entry for entry in log.entries["case"] if entry["number"] not in gone]
    moved = {entry["number"] for entry in kept if entry["sale_key"] in joined.into}
    now = [joined.now(entry) for entry in kept]
    logged = {entry["number"]: tuple(entry[fact] for fact in _CASE) for entry in now}
    due = {entry["number"]: entry["due_on"] for entry in now if "due_on" in entry}
    due |= steps.due_since(log)
    ended = {
        entry["number"]: entry[MOMENT]
        for kind in ("closing", "case_closed")
        for entry in log.entries[kind]
    }
    stored = {}
    for *row, facts, typed, opened_at, closed_at, due_on in db.execute(
        """SELECT case_id, kind, sale_key, refund_id, over, told, facts,
        iif(facts ->> 'leg' > 0, json_set(facts, '$.leg', 1), facts), opened_at, closed_at,
        due_on FROM cases"""
    ):
        text = typed if row[0] in moved else facts  # as it was when the typed sale had it
        stored[row[0]] = (*row, digest((text,)), opened_at)
        if ended.get(row[0]) != closed_at or due.get(row[0], opened_at[:DAY]) != due_on:
            raise Failure("ledger.tampered", what="cases")
    if logged != stored:
        raise Failure("ledger.tampered", what="cases")


def _shown(query: Query, row: dict[str, Any]) -> dict[str, Any]:
    """With what was done about it, and what it cost."""
    loss = {name: row.pop(f"loss_{name}") for name in ("shop", "customer", "acquirer")}
    return row | {"loss": loss, "steps": steps.shown(query, row["case_id"])}


BOOK: Final = Book(
    names=(
        Names.of("case_kinds", CaseKind),
        Names.of("case_states", CaseState),
        Names.of("case_step_kinds", StepKind),
        Names.of("case_causes", CaseCause),
    ),
    tables=_TABLES + steps.TABLES,
    entries={
        "case": HeldBy("number", "cases", "case_id"),
        "closing": HeldBy("number", "cases", "case_id"),
        "case_closed": HeldBy("number", "cases", "case_id"),
        "case_step": HeldBy("number", "cases", "case_id"),
    },
    witness=_witness,
    invariants=(
        Invariant("closing of case", _CLOSED),
        Invariant("end of case", _ENDED),
        Invariant("case of overpaid refund", _OVERPAID),
        Invariant("case of returned refund", _CAME_BACK),
    ),
    numbered=(Numbered("cases", "case_id"),),
    loose=(Loose("cases", "case_id", "opened_at", _LOOSE_STAYS),),
    goes=(
        *(
            Gone(table, "case_id IN (SELECT value FROM json_each(:cases))")
            for table in ("cases", "closings", "case_steps", "case_evidence")
        ),
    ),
    aged=(
        Aged(
            name=purges.CASES,
            table="cases",
            number="case_id",
            at="opened_at",
            days=lambda retention: retention.refunds_days,
        ),
    ),
    erased={purges.REFUNDS: _erase(_OF_ERASED), purges.CASES: _erase(_WITHOUT_REFUND)},
    stays={
        purges.REFUNDS: _APPLICATION_STAYS,
        purges.SLIPS: _SLIP_STAYS,
        purges.CASES: _STAYS,
    },
    sale_stays=_SALE_STAYS,
    lists=(
        Listing(
            name="cases",
            sql=_LIST,
            columns=(
                *("case_id", "kind", "refund_id", "sale_id", "over", "state", "opened_at"),
                *("due_on", "closed_at", "closed_by"),
            ),
            shown=_shown,
        ),
    ),
)

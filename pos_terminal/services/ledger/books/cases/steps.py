"""What was done about a case: one row for each step, with what shows it, never changed (R45, R75).

The log has texts and references behind a mark: it keeps its facts longer than what is written of
persons.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from pos_terminal.core.case import CaseState
from pos_terminal.core.case_step import MOST_DAYS_AHEAD, MOST_TEXT, NewStep, StepKind
from pos_terminal.core.evidence import MOST_EVIDENCE, EvidenceItem, EvidenceKind
from pos_terminal.core.words import Failure
from pos_terminal.ports import CaseStep
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books.book import MOMENT, Log, Query
from pos_terminal.services.ledger.step import Step

TABLES: Final = f"""
CREATE TABLE case_steps (
    case_id INTEGER NOT NULL REFERENCES cases,
    n INTEGER NOT NULL CHECK (n > 0),
    at TEXT NOT NULL,
    operator TEXT NOT NULL,
    kind TEXT NOT NULL REFERENCES case_step_kinds,
    text TEXT NOT NULL CHECK (length(text) <= {MOST_TEXT}),
    next_on TEXT,
    PRIMARY KEY (case_id, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE case_evidence (
    case_id INTEGER NOT NULL,
    n INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq BETWEEN 1 AND {MOST_EVIDENCE}),
    kind TEXT NOT NULL REFERENCES evidence_kinds,
    reference TEXT NOT NULL,
    PRIMARY KEY (case_id, n, seq),
    FOREIGN KEY (case_id, n) REFERENCES case_steps (case_id, n)
) STRICT, WITHOUT ROWID;
"""
_STEPS: Final = "SELECT * FROM case_steps WHERE case_id = :case_id ORDER BY n"
_EVIDENCE: Final = """SELECT n, kind, reference FROM case_evidence WHERE case_id = :case_id
    ORDER BY n, seq"""
_FACTS: Final = ("number", "n", "operator", "step", "next_on", "kinds", MOMENT)
"""Of an entry, in the order of the columns."""


def add(step: Step, case_id: int, new: NewStep) -> int:
    """Its number within the case. Failure ``cases.closed``, ``cases.next_day``; ValueError for what
    is no step."""
    state = step.db.execute("SELECT state FROM cases WHERE case_id = ?", (case_id,)).fetchone()
    if state is None or state["state"] != CaseState.OPEN:
        raise Failure("cases.closed", number=case_id)
    if len(new.text) > MOST_TEXT or len(new.evidence) > MOST_EVIDENCE:
        raise ValueError("more than a step holds")
    if not all(one.reference for one in new.evidence):
        raise ValueError("evidence without a reference")
    if new.next_on is not None and not 0 <= (new.next_on - step.now.date()).days <= MOST_DAYS_AHEAD:
        raise Failure("cases.next_day", most=MOST_DAYS_AHEAD)
    sql = "SELECT coalesce(max(n), 0) + 1 FROM case_steps WHERE case_id = ?"
    n = int(step.db.execute(sql, (case_id,)).fetchone()[0])
    next_on = None if new.next_on is None else new.next_on.isoformat()
    step.db.execute(
        """INSERT INTO case_steps (case_id, n, at, operator, kind, text, next_on)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
        (case_id, n, step.now.isoformat(), new.operator, new.kind, new.text, next_on),
    )
    step.db.executemany(
        "INSERT INTO case_evidence (case_id, n, seq, kind, reference) VALUES (?, ?, ?, ?, ?)",
        [(case_id, n, seq, one.kind, one.reference) for seq, one in enumerate(new.evidence, 1)],
    )
    if next_on is not None:
        step.db.execute("UPDATE cases SET due_on = ? WHERE case_id = ?", (next_on, case_id))
    step.log(
        "case_step",
        number=case_id,
        n=n,
        operator=new.operator,
        step=new.kind,
        next_on=next_on,
        kinds=" ".join(one.kind for one in new.evidence),
        marks=_marks(step.audit_key, case_id, n, new.text, [e.reference for e in new.evidence]),
    )
    return n


def _marks(key: bytes, case_id: int, n: int, text: str, references: Sequence[str]) -> str:
    """Of the text, then of each reference."""
    told = (text, *references)
    return " ".join(mark(key, "case step", case_id, n, at, one) for at, one in enumerate(told))


def witness(db: sqlite3.Connection, log: Log, erased: frozenset[int]) -> None:
    """Each step is what its entry says, and none is missing; texts of the cases in ``erased`` are
    gone. Failure ``ledger.tampered``."""
    gone = log.purged["cases"]
    logged = {
        (entry["number"], entry["n"]): entry
        for entry in log.entries["case_step"]
        if entry["number"] not in gone
    }
    pieces: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for case_id, n, seq, kind, reference in db.execute(
        "SELECT case_id, n, seq, kind, reference FROM case_evidence ORDER BY case_id, n, seq"
    ):
        of_step = pieces.setdefault((case_id, n), [])
        of_step.append((kind, reference))
        if seq != len(of_step):
            raise Failure("ledger.tampered", what=f"step {n} of case {case_id}")
    for case_id, n, operator, kind, next_on, text, at in db.execute(
        "SELECT case_id, n, operator, kind, next_on, text, at FROM case_steps"
    ):
        entry = logged.pop((case_id, n), None)
        found = pieces.pop((case_id, n), [])
        kinds, references = " ".join(kind for kind, _ in found), [one for _, one in found]
        right = entry is not None and (case_id, n, operator, kind, next_on, kinds, at) == tuple(
            entry[fact] for fact in _FACTS
        )
        if case_id in erased:
            right &= not text and not any(references)
        elif entry is not None:
            right &= _marks(log.key, case_id, n, text, references) == entry["marks"]
        if not right:
            raise Failure("ledger.tampered", what=f"step {n} of case {case_id}")
    for case_id, n in (*logged, *pieces):
        raise Failure("ledger.tampered", what=f"step {n} of case {case_id}")


def due_since(log: Log) -> dict[int, str]:
    """When the newest step that says so wants somebody to look again, by case."""
    return {
        entry["number"]: entry["next_on"]
        for entry in log.entries["case_step"]
        if entry["next_on"] is not None
    }


def of_case(db: sqlite3.Connection, case_id: int) -> Sequence[CaseStep]:
    """The first one first."""
    values = {"case_id": case_id}
    evidence: dict[int, list[EvidenceItem]] = {}
    for row in db.execute(_EVIDENCE, values):
        item = EvidenceItem(EvidenceKind(row["kind"]), row["reference"])
        evidence.setdefault(row["n"], []).append(item)
    return [
        CaseStep(
            n=row["n"],
            at=datetime.fromisoformat(row["at"]),
            operator=row["operator"],
            kind=StepKind(row["kind"]),
            text=row["text"],
            evidence=tuple(evidence.get(row["n"], ())),
            next_on=None if row["next_on"] is None else date.fromisoformat(row["next_on"]),
        )
        for row in db.execute(_STEPS, values).fetchall()
    ]


def shown(query: Query, case_id: int) -> list[dict[str, Any]]:
    """As ``ledger --json`` tells them."""
    values = {"case_id": case_id}
    evidence: dict[int, list[dict[str, Any]]] = {}
    for row in query(_EVIDENCE, values):
        evidence.setdefault(row.pop("n"), []).append(row)
    return [
        {
            **{name: row[name] for name in ("at", "kind", "text", "next_on")},
            "by": row["operator"],
            "evidence": evidence.get(row["n"], []),
        }
        for row in query(_STEPS, values)
    ]

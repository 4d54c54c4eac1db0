"""Outcomes as the acquirer's files told them, line by line, and what each came to (R32)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from pos_terminal.core.case import Posting
from pos_terminal.core.effect import STORED, STRANGERS, Effect, Told
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.words import Failure
from pos_terminal.ports import Evidence
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books.book import (
    MOMENT,
    Book,
    Door,
    Face,
    Gone,
    HeldBy,
    Listing,
    Log,
    Numbered,
    ReadFace,
)
from pos_terminal.services.ledger.books.payment_key import KEY
from pos_terminal.services.ledger.names import Names, among
from pos_terminal.services.ledger.step import Step

if TYPE_CHECKING:
    from pos_terminal.ports.books.outcomes import Became, Judged, OutcomeReport, StoredOutcome
    from pos_terminal.wire.feed.outcome import OutcomeFile

_TABLES: Final = f"""
CREATE TABLE outcome_files (
    file_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    records INTEGER NOT NULL
) STRICT;

CREATE TABLE outcomes (
    batch TEXT NOT NULL,
    stan TEXT NOT NULL,
    paid INTEGER NOT NULL CHECK (paid IN (0, 1)),
    kind TEXT NOT NULL REFERENCES outcome_kinds,
    amount INTEGER NOT NULL CHECK (amount > 0),
    done INTEGER NOT NULL,
    rrn TEXT NOT NULL,
    auth_code TEXT NOT NULL,
    happened_on TEXT NOT NULL,
    reference TEXT NOT NULL CHECK (reference != ''),
    content TEXT NOT NULL,
    file_id INTEGER NOT NULL REFERENCES outcome_files,
    line INTEGER NOT NULL,
    refund_id INTEGER REFERENCES refunds,
    effect TEXT NOT NULL REFERENCES outcome_effects,
    told TEXT NOT NULL REFERENCES outcomes_told,
    arn TEXT NOT NULL DEFAULT '',
    free INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (batch, stan, content),
    CHECK (done BETWEEN 0 AND amount AND (done = 0) = (told = '{Told.NOT_PAID}')
        AND paid = (done > 0 AND told != '{Told.RETURNED}')),
    CHECK (free BETWEEN 0 AND iif(effect = '{Effect.RETURNED}', done, 0)),
    CHECK ((refund_id IS NULL) = (effect IN {among(STRANGERS)}))
) STRICT, WITHOUT ROWID;
CREATE INDEX outcomes_file ON outcomes (file_id);
CREATE INDEX outcomes_refund ON outcomes (refund_id) WHERE refund_id IS NOT NULL;
CREATE UNIQUE INDEX outcomes_returned ON outcomes (refund_id) WHERE effect = '{Effect.RETURNED}';
CREATE INDEX outcomes_payment ON outcomes ({KEY}) WHERE paid;
"""
_EVIDENCE: Final = f"""SELECT o.*, f.source, f.digest FROM outcomes o JOIN outcome_files f
    USING (file_id) WHERE o.refund_id = ? AND o.effect = '{Effect.CONCLUDED}' ORDER BY o.paid"""
_TOLD: Final = """SELECT o.content, o.effect, o.done, f.source, o.line, o.reference, o.rrn,
    o.told, o.happened_on
    FROM outcomes o JOIN outcome_files f USING (file_id) WHERE o.batch = ? AND o.stan = ?
    ORDER BY o.file_id, o.line"""
_BECAME: Final = f"""SELECT o.told, o.happened_on, o.arn, f.at
    FROM outcomes o JOIN outcome_files f USING (file_id) WHERE o.refund_id = ? AND (
        o.effect IN ('{Effect.OVERPAID}', '{Effect.RETURNED}', '{Effect.CREDITED}')
        OR o.effect = '{Effect.CONCLUDED}' AND o.told = '{Told.CREDITED}')
    ORDER BY o.effect = '{Effect.OVERPAID}' DESC, o.effect = '{Effect.RETURNED}' DESC,
        o.file_id, o.line LIMIT 1"""
"""After it came back only OVERPAID says that it is on the account after all; CREDITED was then
told late."""
_LIST: Final = """SELECT o.batch, o.stan, o.kind, o.amount, o.done, o.rrn, o.happened_on,
    o.reference, o.refund_id, o.told AS outcome, o.arn, o.free, o.effect, f.source, o.line,
    f.digest, f.at FROM outcomes o
    JOIN outcome_files f USING (file_id) ORDER BY f.file_id DESC, o.line DESC LIMIT :limit"""
_CHUNK: Final = 20
LEFT_OVER: Final = f"""SELECT file_id FROM outcome_files f
    WHERE file_id > :last AND substr(at, 1, 10) < :before AND NOT EXISTS (
    SELECT 1 FROM outcomes o WHERE o.file_id = f.file_id AND o.refund_id IS NOT NULL)
    ORDER BY file_id LIMIT {_CHUNK}"""
"""The acquirer's files that no refund in the ledger is told of by any more."""


def evidence_of(row: sqlite3.Row) -> Evidence:
    return Evidence(
        done=row["done"],
        reference=row["reference"],
        rrn=row["rrn"],
        auth_code=row["auth_code"],
        source=row["source"],
        line=row["line"],
        digest=row["digest"],
    )


def add_file(step: Step, file: OutcomeFile) -> int:
    """The number of a file whose lines are to be stored."""
    return step.insert(
        "INSERT INTO outcome_files (at, source, digest, records) VALUES (?, ?, ?, ?)",
        (step.now.isoformat(), file.source, file.digest, len(file.outcomes)),
    )


def store(step: Step, verdict: Judged, file_id: int, free: int = 0) -> None:
    """A line, and what it came to; or bring it up to date, where nothing could be done before.

    ``free``: so much of what came back the tender has again, minor units."""
    outcome = verdict.outcome
    step.db.execute(
        """INSERT INTO outcomes (batch, stan, paid, kind, amount, done, rrn, auth_code, happened_on,
        reference, content, file_id, line, refund_id, effect, told, arn, free)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (batch, stan, content) DO UPDATE SET file_id = excluded.file_id,
        line = excluded.line, refund_id = excluded.refund_id, effect = excluded.effect,
        free = excluded.free""",
        (
            *(outcome.batch, outcome.stan, int(outcome.paid), outcome.kind, outcome.amount),
            *(outcome.done, outcome.rrn, outcome.auth_code, outcome.happened_on),
            *(outcome.reference, outcome.content, file_id, outcome.line),
            *(verdict.refund_id, verdict.effect, outcome.told, outcome.arn, free),
        ),
    )

    _log_line(step, outcome.batch, outcome.stan, outcome.content)


def _log_line(step: Step, *key: str) -> None:
    """What a line is now: the newest entry of it counts."""
    sql = "SELECT * FROM outcomes WHERE batch = ? AND stan = ? AND content = ?"
    row = step.db.execute(sql, key).fetchone()
    step.log("outcome", refund=row["refund_id"], file=row["file_id"], **_line(step.audit_key, row))


def _line(key: bytes, row: sqlite3.Row) -> dict[str, str]:
    """Which line it is, and a mark of all that it says. What earlier versions took has the mark
    that it had then."""
    names = {name: row[name] for name in ("batch", "stan", "content")}
    facts = tuple(row)
    if row["told"] in (Told.PAID, Told.NOT_PAID) and not row["arn"]:
        facts = facts[: -len(_LATER)]
    return names | {"mark": mark(key, "outcome", *facts)}


_LATER: Final = ("told", "arn", "free")
"""The last columns."""


def log_evidence(step: Step, refund: Refund, evidence: Evidence, done: int) -> None:
    """With the conclusion that gives ``done`` back: by which line, which is stored with its file.

    ValueError where the line tells something else.
    """
    if evidence.done != done:
        raise ValueError(f"{done} is not what the file tells")
    step.log(
        "evidence",
        refund=refund.refund_id,
        paid=int(evidence.paid),
        done=evidence.done,
        reference=evidence.reference,
        source=evidence.source,
        line=evidence.line,
        digest=evidence.digest,
    )


def _witness(db: sqlite3.Connection, log: Log) -> None:
    facts = ("refund", "paid", "done", "reference", "source", "line", "digest")
    logged = log.of_kept("evidence", "refund", "refunds", *facts)
    stored = db.execute(
        """SELECT refund_id, paid, done, reference, source, line, digest
        FROM outcomes JOIN outcome_files USING (file_id) WHERE effect = ?""",
        (Effect.CONCLUDED,),
    )
    if logged != sorted(map(tuple, stored)) or not (_files_hold(db, log) and _lines_hold(db, log)):
        raise Failure("ledger.tampered", what="outcomes of the acquirer's file")


def _files_hold(db: sqlite3.Connection, log: Log) -> bool:
    facts = ("file", MOMENT, "source", "digest", "records")
    logged = log.of_kept("outcomes", "file", "outcome_files", *facts)
    stored = db.execute("SELECT file_id, at, source, digest, records FROM outcome_files")
    return logged == sorted(map(tuple, stored))


def _lines_hold(db: sqlite3.Connection, log: Log) -> bool:
    """A line goes with its refund, or with its file."""
    newest = {(e["batch"], e["stan"], e["content"]): e for e in log.entries["outcome"]}
    kept = [
        entry
        for entry in newest.values()
        if entry["refund"] not in log.purged["refunds"]
        and entry["file"] not in log.purged["outcome_files"]
    ]
    names = ("batch", "stan", "content", "mark")
    logged = {tuple(entry[name] for name in names) for entry in kept}
    rows = db.execute("SELECT * FROM outcomes").fetchall()
    return logged == {tuple(_line(log.key, row).values()) for row in rows}


class LeftOverFiles:
    """Files of the acquirer, with what they told of requests that the ledger never knew."""

    fact = "acquirers_files"
    table = "outcome_files"

    def __init__(self, before: datetime) -> None:
        self._before = before.date().isoformat()
        self._last = 0

    def find(self, db: sqlite3.Connection) -> Sequence[int] | None:
        """Numbers of the next ones; None at the end."""
        values = {"last": self._last, "before": self._before}
        found = [row["file_id"] for row in db.execute(LEFT_OVER, values)]
        if not found:
            return None
        self._last = found[-1]
        return found

    def delete(self, step: Step, found: Sequence[int]) -> None:
        keys = {"keys": purges.as_list(found)}
        for table in ("outcomes", "outcome_files"):
            where = "file_id IN (SELECT value FROM json_each(:keys))"
            step.db.execute(f"DELETE FROM {table} WHERE {where}", keys)


class OutcomeReads(ReadFace):
    """Fulfils ``ports.OutcomeReads``."""

    def evidence(self, refund_id: int) -> Sequence[Evidence]:
        found = self._rows(_EVIDENCE, refund_id)
        return [evidence_of(row) for row in found]

    def told(self, batch: str, stan: str) -> Sequence[StoredOutcome]:
        from pos_terminal.ports.books.outcomes import StoredOutcome

        return [
            StoredOutcome(
                row["content"],
                Effect(row["effect"]),
                row["done"],
                Posting(row["source"], row["line"], row["reference"], row["rrn"]),
                Told(row["told"]),
                row["happened_on"],
            )
            for row in self._rows(_TOLD, batch, stan)
        ]

    def became(self, refund_id: int) -> Became | None:
        from pos_terminal.ports.books.outcomes import Became

        for row in self._rows(_BECAME, refund_id):
            at = datetime.fromisoformat(row["at"])
            return Became(row["told"] == Told.CREDITED, at, row["happened_on"], row["arn"])
        return None

    def known_from(self) -> date:
        (began,) = self._rows("SELECT at FROM audit ORDER BY seq LIMIT 1")
        days = [datetime.fromisoformat(began["at"]).date()]
        purged = purges.told(self._reads.db, purges.SALES)
        days += [date.fromisoformat(purged["quiet"])] if purged.get("quiet") else []
        return max(days)


class Outcomes(Face, OutcomeReads):
    """Fulfils ``ports.Outcomes``."""

    def __init__(
        self, door: Door, take_in: Callable[[Step, OutcomeReport], Sequence[Refund]]
    ) -> None:
        """``take_in`` writes all that a file concludes: more than outcomes."""
        super().__init__(door)
        self._take_in = take_in

    async def take_in(self, report: OutcomeReport) -> Sequence[Refund]:
        return await self._door.step("import_outcomes", lambda step: self._take_in(step, report))


BOOK: Final = Book(
    names=(
        Names.of("outcome_kinds", (Kind.REFUND, Kind.VOID, Kind.MANUAL)),
        Names.of("outcome_effects", STORED),
        Names.of("outcomes_told", Told),
    ),
    tables=_TABLES,
    entries={
        "evidence": HeldBy("refund", "refunds", "refund_id"),
        "outcomes": HeldBy("file", "outcome_files", "file_id"),
        "outcome": HeldBy("file", "outcome_files", "file_id"),
    },
    witness=_witness,
    numbered=(Numbered("outcome_files", "file_id", of_sale=False),),
    goes=(Gone("outcomes", purges.OF_REFUNDS),),
    leftovers=(LeftOverFiles,),
    lists=(Listing(name="outcomes", sql=_LIST),),
)

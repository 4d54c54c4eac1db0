"""Bad records of the feed, until somebody has seen to them or they are in the ledger after all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.audit import mark
from pos_terminal.services.ledger.books.book import MOMENT, HeldBy, Log
from pos_terminal.services.ledger.step import Step

if TYPE_CHECKING:
    from pos_terminal.ports.books.feed import Refusal, Refused

TABLES: Final = """
CREATE TABLE refusals (
    refusal_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    at_ts INTEGER NOT NULL,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    records INTEGER NOT NULL CHECK (records > 0),
    digest TEXT NOT NULL,
    sale_ids TEXT NOT NULL CHECK (json_valid(sale_ids)),
    first TEXT NOT NULL CHECK (json_valid(first)),
    seen_at TEXT,
    seen_by TEXT,
    CHECK ((seen_at IS NULL) = (seen_by IS NULL))
) STRICT;
CREATE INDEX refusals_unseen ON refusals (refusal_id) WHERE seen_at IS NULL;
CREATE INDEX refusals_age ON refusals (at_ts);
"""
_MOST_SALES: Final = 200
"""Of one file, whose sales are looked for later."""
UNSEEN: Final = """SELECT * FROM (SELECT refusal_id, at, name, first, records - (SELECT count(*)
    FROM json_each(r.sale_ids) j JOIN sales s ON s.sale_id = j.value) AS records
    FROM refusals r WHERE seen_at IS NULL ORDER BY refusal_id DESC LIMIT 50) WHERE records > 0"""
"""A mended record that came again is no bad one any more."""
NOTED: Final = "SELECT 1 FROM refusals WHERE seen_at IS NULL AND digest = ? LIMIT 1"
_CHUNK: Final = 20
_NOTED: Final = (
    *("refusal_id", "at", "at_ts", "source", "name", "records", "digest", "sale_ids", "first"),
)
"""Columns that an entry answers for; who saw it is told by another."""
ENTRIES: Final = {
    kind: HeldBy("refusal", "refusals", "refusal_id") for kind in ("import_refused", "refusal_seen")
}


def note(step: Step, refused: Refused) -> None:
    """They lie in ``refused/``."""
    unknown = [
        one
        for one in list(dict.fromkeys(refused.sale_ids))[:_MOST_SALES]
        if step.db.execute("SELECT 1 FROM sales WHERE sale_id = ?", (one,)).fetchone() is None
    ]
    number = step.insert(
        """INSERT INTO refusals (at, at_ts, source, name, records, digest, sale_ids, first)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            *(step.now.isoformat(), int(step.now.timestamp())),
            *(refused.source, refused.name, refused.records, refused.digest),
            *(json.dumps(unknown), json.dumps(_told(refused))),
        ),
    )
    row = step.db.execute("SELECT * FROM refusals WHERE refusal_id = ?", (number,)).fetchone()
    step.log(
        "import_refused",
        refusal=number,
        source=refused.source,
        problems=refused.records,
        file=refused.name,
        mark=_mark(step.audit_key, row),
    )


def _mark(key: bytes, row: sqlite3.Row) -> str:
    return mark(key, "refusal", *(row[name] for name in _NOTED))


def check(db: sqlite3.Connection, log: Log) -> None:
    """Each is as it was noted, and was seen by whom the log says."""
    gone = log.purged["refusals"]
    noted = {
        entry["refusal"]: (entry["mark"], None, None)
        for entry in log.entries["import_refused"]
        if "refusal" in entry and entry["refusal"] not in gone
    }
    for entry in log.entries["refusal_seen"]:
        if (number := entry["refusal"]) in noted:
            noted[number] = (noted[number][0], entry[MOMENT], entry["operator"])
    stored = {
        row["refusal_id"]: (_mark(log.key, row), row["seen_at"], row["seen_by"])
        for row in db.execute("SELECT * FROM refusals")
    }
    if noted != stored:
        raise Failure("ledger.tampered", what="bad records of the feed")


def _told(refused: Refused) -> dict[str, Any]:
    first = refused.first
    values = {} if first.words is None else dict(first.words.values)
    return {"line": first.line, "reason": first.reason, "code": first.code, "values": values}


def refusal_of(row: sqlite3.Row) -> Refusal:
    from pos_terminal.ports.books.feed import Refusal
    from pos_terminal.wire.feed.bad import BadLine
    from pos_terminal.wire.feed.problem import Problem

    first = json.loads(row["first"])
    code, line = first["code"], first["line"]
    why = BadLine(code, **first["values"]) if code else None
    problem = Problem(line, first["reason"]) if why is None else Problem.of(line, why)
    return Refusal(
        number=row["refusal_id"],
        at=datetime.fromisoformat(row["at"]),
        name=row["name"],
        records=row["records"],
        first=problem,
    )


def see_to(step: Step, numbers: Sequence[int], operator: str) -> None:
    """Somebody looks after them."""
    seen = step.db.execute(
        """UPDATE refusals SET seen_at = ?, seen_by = ?
        WHERE seen_at IS NULL AND refusal_id IN (SELECT value FROM json_each(?))
        RETURNING refusal_id""",
        (step.now.isoformat(), operator, purges.as_list(numbers)),
    )
    for (number,) in seen.fetchall():
        step.log("refusal_seen", refusal=number, operator=operator)


class OldRefusals:
    """Those that are older than sales are kept, seen or not: their sales would be."""

    fact = "bad_records"
    table = "refusals"

    def __init__(self, before: datetime) -> None:
        self._before = int(before.timestamp())
        self._after = 0

    def find(self, db: sqlite3.Connection) -> Sequence[int] | None:
        """Numbers of the next ones; None at the end."""
        sql = f"""SELECT refusal_id FROM refusals WHERE at_ts < ? AND refusal_id > ?
            ORDER BY refusal_id LIMIT {_CHUNK}"""
        found = [row[0] for row in db.execute(sql, (self._before, self._after))]
        if not found:
            return None
        self._after = found[-1]
        return found

    def delete(self, step: Step, found: Sequence[int]) -> None:
        step.db.execute(
            "DELETE FROM refusals WHERE refusal_id IN (SELECT value FROM json_each(?))",
            (purges.as_list(found),),
        )

"""What the log says of purges so far, and how a purge is written down (R54, R55).

Each class of data has its newest ``purge`` entry named in the table ``purges``; what that entry
says is true of all purges of its class: those of numbered rows name every number that they went
over, that of sales the moment before which no unknown sale comes in again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from pos_terminal.services.ledger import audit
from pos_terminal.services.ledger.spans import NONE, Spans
from pos_terminal.services.ledger.step import Step

SALES: Final = "sales"
REFUNDS: Final = "refunds"
SLIPS: Final = "slips"
CASES: Final = "cases"
AUDIT: Final = audit.AUDIT_CLASS
FILES: Final = "files"
OF_SALES: Final = "sale_key IN (SELECT value FROM json_each(:sales))"
OF_SALE_IDS: Final = "sale_id IN (SELECT value FROM json_each(:sale_ids))"
OF_REFUNDS: Final = "refund_id IN (SELECT value FROM json_each(:refunds))"
"""SQL: what belongs to the sales that a purge takes away, by their keys or by the till's names
(``feed_events``), and to their refunds."""
_NEWEST: Final = "SELECT facts FROM purges JOIN audit ON seq = entry WHERE class = ?"


def as_list(keys: Sequence[str] | Sequence[int]) -> str:
    """Keys as the one value that ``json_each`` takes apart again."""
    return msgspec.json.encode(list(keys)).decode()


def told(db: sqlite3.Connection, name: str) -> dict[str, Any]:
    """The facts of the newest purge of this class; none where there was none."""
    row = db.execute(_NEWEST, (name,)).fetchone()
    facts: dict[str, Any] = msgspec.json.decode(row[0]) if row else {}
    return facts


def gone_over(db: sqlite3.Connection, name: str) -> Spans:
    """The numbers that purges of this class went over."""
    facts = told(db, name)
    return Spans.of(facts["ids"]) if facts else NONE


def horizon(db: sqlite3.Connection) -> datetime | None:
    """No unknown sale or event from before this moment comes in again; None: no bound yet."""
    facts = told(db, SALES)
    return datetime.fromisoformat(facts["before"]) if facts else None


def write_down(step: Step, name: str, before: datetime, **facts: audit.Fact) -> None:
    """The entry of a purge, as part of its own commit."""
    what = {"class": name, "before": before.isoformat(), **facts}
    entry = step.log(audit.PURGE, **what)
    step.db.execute(
        """INSERT INTO purges (class, entry) VALUES (?, ?)
        ON CONFLICT (class) DO UPDATE SET entry = excluded.entry""",
        (name, entry),
    )

"""What is written of a file of the feed; its sales are another book's."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from pos_terminal.services.ledger.books.feed.digests import digest_of_many
from pos_terminal.services.ledger.step import Step

if TYPE_CHECKING:
    from pos_terminal.wire.feed.entries import Event


_TOLD: Final = (
    *("event_key", "kind", "sale_id", "leg", "amount", "items", "terminal_id", "batch", "at"),
    "content",
)


def record(row: Mapping[str, object] | sqlite3.Row) -> str:
    """What stands for an event in the log: all that was told of it."""
    return json.dumps([row[name] for name in _TOLD])


def record_of(event: Event) -> str:
    """The same before it is stored."""
    return record(_event_row(event, 0))


def add_import(step: Step, source: str, records: Sequence[str]) -> int:
    """A file with new records: of a sale its ``sales.record``, of an event its ``record``."""
    return step.insert(
        "INSERT INTO imports (at, source, records, digest) VALUES (?, ?, ?, ?)",
        (
            *(step.now.isoformat(), source, len(records)),
            digest_of_many(step.audit_key, records),
        ),
    )


def add_events(step: Step, events: Iterable[Event], import_id: int) -> None:
    """New ones of an import."""
    step.insert_all("feed_events", (_event_row(event, import_id) for event in events))


def _event_row(event: Event, import_id: int) -> dict[str, object]:
    return {
        "event_key": event.key,
        "kind": event.kind,
        "sale_id": event.sale_id,
        "leg": event.leg,
        "amount": event.amount,
        "items": json.dumps(dict(event.items)) if event.items else None,
        "terminal_id": event.terminal_id,
        "batch": event.batch,
        "at": event.at.isoformat(),
        "at_ts": int(event.at.timestamp()),
        "content": event.content,
        "import_id": import_id,
    }


def content_of(db: sqlite3.Connection, event_key: str) -> str | None:
    """The digest of an event that is known; None for one that is not."""
    row = db.execute("SELECT content FROM feed_events WHERE event_key = ?", (event_key,)).fetchone()
    return None if row is None else str(row["content"])


def closed_between(
    db: sqlite3.Connection, terminal_id: str, batch: str, first: datetime, end: datetime
) -> bool:
    """Whether a closing of this batch is known, from this moment on and before that one."""
    row = db.execute(
        """SELECT 1 FROM feed_events WHERE terminal_id = ? AND batch = ?
        AND at_ts >= ? AND at_ts < ? LIMIT 1""",
        (terminal_id, batch, int(first.timestamp()), int(end.timestamp())),
    ).fetchone()
    return row is not None


def log(
    step: Step,
    source: str,
    import_id: int,
    records: Sequence[str],
    *,
    stan: int | None,
    sales: int,
    events: int,
    confirmed: int,
    filled: int,
) -> None:
    """What a file brought: the imports are held against it. ``stan``: the last one, where a sale of
    this terminal's batch moved it."""
    step.log(
        "import",
        source=source,
        at=step.now.isoformat(),
        import_id=import_id,
        sales=sales,
        events=events,
        confirmed=confirmed,
        filled=filled,
        records=len(records),
        digest=digest_of_many(step.audit_key, records),
        stan=stan,
    )

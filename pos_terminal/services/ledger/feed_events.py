"""What the feed says happened to sales and batches, applied in whatever order it comes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

from pos_terminal.core.sale import SaleState
from pos_terminal.services.ledger import items
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.lines import Event, SaleEntry
from pos_terminal.wire.feed.problem import Problem


def row(event: Event, import_id: int | None) -> dict[str, object]:
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


def apply(step: Step, sales: Mapping[str, SaleEntry], events: Iterable[Event]) -> list[Problem]:
    """Apply new events to known sales, and all known events to new sales; what can't be."""
    problems = []
    for event in events:
        if event.kind == "batch_closed":
            _close_batch(step, event)
        elif event.sale_id is not None and event.sale_id not in sales:
            problems += _to_sale(step, event.line, _stored(step, event.key))
    if step.db.execute("SELECT 1 FROM feed_events LIMIT 1").fetchone():
        for entry in sales.values():
            problems += _catch_up(step, entry)
    return problems


def _stored(step: Step, key: str) -> sqlite3.Row:
    found = step.db.execute("SELECT * FROM feed_events WHERE event_key = ?", (key,)).fetchone()
    assert isinstance(found, sqlite3.Row)  # noqa: S101 - stored just before
    return found


def _catch_up(step: Step, entry: SaleEntry) -> list[Problem]:
    """A new sale meets the events that waited for it; refunds before a void."""
    sale = entry.sale
    waiting = step.db.execute(
        "SELECT * FROM feed_events WHERE sale_id = ? ORDER BY kind, event_key", (sale.sale_id,)
    )
    problems = [
        problem for event in waiting.fetchall() for problem in _to_sale(step, entry.line, event)
    ]
    step.db.execute(
        """UPDATE sales SET batch_closed = 1 WHERE sale_id = ? AND EXISTS (SELECT 1 FROM feed_events
        WHERE terminal_id = ? AND batch = ? AND at_ts >= ?)""",
        (sale.sale_id, sale.terminal_id, sale.batch, int(sale.sold_at.timestamp())),
    )
    return problems


def _close_batch(step: Step, event: Event) -> None:
    step.db.execute(
        """UPDATE sales SET batch_closed = 1 WHERE terminal_id = ? AND batch = ?
        AND batch_closed = 0
        AND sold_ts <= ?""",
        (event.terminal_id, event.batch, int(event.at.timestamp())),
    )


def _to_sale(step: Step, line: int, event: sqlite3.Row) -> list[Problem]:
    if event["kind"] == "sale_voided":
        return _void(step, line, event["sale_id"])
    return _spend(step, line, event)


def _void(step: Step, line: int, sale_id: str) -> list[Problem]:
    found = step.db.execute(
        """SELECT s.state, s.locked + sum(t.done + t.held) AS spent
        FROM sales s JOIN tenders t USING (sale_id) WHERE s.sale_id = ?""",
        (sale_id,),
    ).fetchone()
    if found["state"] in (None, SaleState.VOIDED):
        return []
    if found["spent"]:
        return [Problem(line, f"sale {sale_id} has refunds: it cannot be voided any more")]
    step.db.execute("UPDATE sales SET state = 'voided' WHERE sale_id = ?", (sale_id,))
    return []


def _spend(step: Step, line: int, event: sqlite3.Row) -> list[Problem]:
    sale_id, leg, amount = event["sale_id"], event["leg"], event["amount"]
    known = step.db.execute("SELECT 1 FROM sales WHERE sale_id = ?", (sale_id,)).fetchone()
    if known is None:
        return []
    try:
        changed = step.db.execute(
            "UPDATE tenders SET done = done + ? WHERE sale_id = ? AND leg = ?",
            (amount, sale_id, leg),
        ).rowcount
    except sqlite3.IntegrityError:
        reason = f"refund of {amount} elsewhere is more than is left of sale {sale_id}, leg {leg}"
        return [Problem(line, reason)]
    if not changed:
        return [Problem(line, f"sale {sale_id} has no leg {leg}")]
    quantities = {int(number): each for number, each in json.loads(event["items"] or "{}").items()}
    refused = items.returned_elsewhere(step, sale_id, quantities)
    return [] if refused is None else [Problem(line, refused)]

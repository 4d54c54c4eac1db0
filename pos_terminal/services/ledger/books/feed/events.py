"""What the feed says happened to sales and batches, applied in whatever order it comes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

from pos_terminal.core.sale import SaleState
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.lines import Event, SaleEntry
from pos_terminal.wire.feed.problem import Problem


def apply(step: Step, new: Mapping[str, SaleEntry], events: Iterable[Event]) -> list[Problem]:
    """Apply new events to known sales, and all known events to new sales; what can't be."""
    problems = []
    for event in events:
        if event.terminal_id is not None and event.batch is not None:
            sales.close_batch_at(step, event.terminal_id, event.batch, event.at)
        elif event.sale_id is not None and event.sale_id not in new:
            problems += _to_sale(step, event.line, _stored(step, event.key))
    if step.db.execute("SELECT 1 FROM feed_events LIMIT 1").fetchone():
        for entry in new.values():
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
    sales.close_batch_of(step, sale)
    return problems


def _to_sale(step: Step, line: int, event: sqlite3.Row) -> list[Problem]:
    if event["kind"] == SaleEvent.SALE_VOIDED:
        return _void(step, line, event["sale_id"])
    return _spend(step, line, event)


def _void(step: Step, line: int, sale_id: str) -> list[Problem]:
    known = sales.known(step.db, sale_id)
    if known is None or known.state is SaleState.VOIDED:
        return []
    if sales.is_touched(step.db, known.key):
        return [Problem(line, f"sale {sale_id} has refunds: it cannot be voided any more")]
    sales.void(step, known.key)
    return []


def _spend(step: Step, line: int, event: sqlite3.Row) -> list[Problem]:
    sale_id, leg, amount = event["sale_id"], event["leg"], event["amount"]
    known = sales.known(step.db, sale_id)
    if known is None:
        return []
    try:
        counted = sales.count_in(step, known.key, leg, amount)
    except sqlite3.IntegrityError:
        reason = f"refund of {amount} elsewhere is more than is left of sale {sale_id}, leg {leg}"
        return [Problem(line, reason)]
    if not counted:
        return [Problem(line, f"sale {sale_id} has no leg {leg}")]
    quantities = {int(number): each for number, each in json.loads(event["items"] or "{}").items()}
    refused = _goods_back(step, known.key, sale_id, quantities)
    return [] if refused is None else [Problem(line, refused)]


def _goods_back(
    step: Step, sale_key: int, sale_id: str, quantities: Mapping[int, int]
) -> str | None:
    """Goods that another system took back; why they can't be, None where they were."""
    for line, quantity in quantities.items():
        try:
            counted = sales.count_goods_in(step, sale_key, line, quantity)
        except sqlite3.IntegrityError:
            return f"more goods back elsewhere than are left of sale {sale_id}, line {line}"
        if not counted:
            return f"sale {sale_id} has no line {line}"
    return None

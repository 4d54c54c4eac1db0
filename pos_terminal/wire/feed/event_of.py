"""From a record of something that happened to an event; pure. BadLine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pos_terminal.core.digest import digest
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.wire.feed.entries import Event
from pos_terminal.wire.feed.identifiers import ident, quantity_of
from pos_terminal.wire.feed.moment import moment
from pos_terminal.wire.feed.records import (
    AdjustedRecord,
    BatchClosedRecord,
    ElsewhereRecord,
    VoidedRecord,
)
from pos_terminal.wire.feed.rules import Rules

_A_DAY: Final = timedelta(days=1)
"""So far ahead a wrong clock does no harm: whatever it says counts from then on."""
Told = VoidedRecord | BatchClosedRecord | ElsewhereRecord | AdjustedRecord


def event_of(line: int, record: Told, rules: Rules) -> Event:
    """What went back is taken whenever it says to have been: without it the sale would be given
    back once more. A total or a closing of the future would count for ever."""
    at = moment(record.at, "at")
    match record:
        case VoidedRecord():
            name = ident("sale_id", record.sale_id)
            return _event(line, name, SaleEvent.SALE_VOIDED, at, sale_id=name)
        case BatchClosedRecord():
            rules.not_later(at, _A_DAY)
            return _closed(line, record, at)
        case AdjustedRecord():
            rules.not_later(at, _A_DAY)
            return _of_leg(line, record, SaleEvent.ADJUSTED, at, {})
        case ElsewhereRecord():
            return _of_leg(line, record, SaleEvent.REFUNDED_ELSEWHERE, at, _returned(record))


def _of_leg(
    line: int,
    record: AdjustedRecord | ElsewhereRecord,
    kind: SaleEvent,
    at: datetime,
    items: Mapping[int, int],
) -> Event:
    return _event(
        line,
        ident("reference", record.reference),
        kind,
        at,
        sale_id=ident("sale_id", record.sale_id),
        leg=record.leg,
        amount=record.amount,
        items=items,
    )


def _event(line: int, name: str, kind: SaleEvent, at: datetime, **facts: Any) -> Event:
    """The same moment in another offset is the same."""
    when = f"{at.timestamp():.6f}"
    items = sorted(facts.get("items", {}).items())
    content = digest((kind.value, name, when, {**facts, "items": items}))
    return Event(line, name, kind, at, content, **facts)


def _returned(record: ElsewhereRecord) -> dict[int, int]:
    """Thousandths by line; a line that is named twice adds up."""
    found: dict[int, int] = {}
    for one in record.lines:
        found[one.line] = found.get(one.line, 0) + quantity_of(one.line, one.quantity)
    return found


def _closed(line: int, record: BatchClosedRecord, at: datetime) -> Event:
    batch = record.batch.zfill(6)
    name = f"{record.terminal_id}/{batch}/{int(at.timestamp())}"
    kind = SaleEvent.BATCH_CLOSED
    return _event(line, name, kind, at, terminal_id=record.terminal_id, batch=batch)

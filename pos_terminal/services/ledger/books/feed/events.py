"""What the feed says happened to sales and batches, applied in whatever order it comes.

What another system did has been done: it is never refused for what the ledger has. As much of it
is counted as there is room for, and where that is not all, the sale is locked and people have a
case (R9).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

from msgspec import Struct

from pos_terminal.core.case import ToldElsewhere
from pos_terminal.core.sale import SaleState
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.services.ledger.books import cases, sales
from pos_terminal.services.ledger.books.sales import NEWEST_TOLD, Known
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.entries import Event, SaleEntry
from pos_terminal.wire.feed.problem import Problem

_OF_SALE = "SELECT * FROM feed_events WHERE sale_id = ? ORDER BY kind, event_key"
"""Adjusted before refunded before voided: what comes to a sale at once makes no case in vain."""
_NEWEST_TOTAL = f"""SELECT e.event_key FROM feed_events e WHERE e.sale_id = ? AND e.leg = ?
    AND e.kind = '{SaleEvent.ADJUSTED}' ORDER BY {NEWEST_TOLD} LIMIT 1"""


def apply(step: Step, new: Mapping[str, SaleEntry], events: Iterable[Event]) -> list[Problem]:
    """Apply new events to known sales, and all known events to new sales; what can't be."""
    problems = []
    for event in events:
        if event.terminal_id is not None and event.batch is not None:
            sales.close_batch_at(step, event.terminal_id, event.batch, event.at)
        elif event.sale_id is not None and event.sale_id not in new:
            refused = _to_known(step, event)
            if refused is not None:
                problems.append(problem(event.line, event.sale_id, refused))
    if step.db.execute("SELECT 1 FROM feed_events LIMIT 1").fetchone():
        for entry in new.values():
            _catch_up(step, entry)
    return problems


def problem(line: int, sale_id: str, why: BadLine) -> Problem:
    """Of a record that the ledger can't take."""
    return Problem.of(line, why, sale_id)


def _to_known(step: Step, event: Event) -> BadLine | None:
    """What is about a leg or a line that the sale has not is a mistake, and can be mended."""
    known = sales.known(step.db, event.sale_id or "")
    if known is None:
        return None
    if event.leg is not None and not sales.has_leg(step.db, known.key, event.leg):
        return BadLine("no_leg", sale=event.sale_id or "", leg=event.leg)
    for line in event.items:
        if not sales.has_line(step.db, known.key, line):
            return BadLine("no_line", sale=event.sale_id or "", number=line)
    stored = step.db.execute("SELECT * FROM feed_events WHERE event_key = ?", (event.key,))
    _to_sale(step, stored.fetchone(), known)
    return None


def _catch_up(step: Step, entry: SaleEntry) -> None:
    """A new sale meets the events that waited for it."""
    sale = entry.sale
    for event in step.db.execute(_OF_SALE, (sale.sale_id,)).fetchall():
        known = sales.known(step.db, sale.sale_id)
        if known is not None:
            _to_sale(step, event, known)
    sales.close_batch_of(step, sale)


def _to_sale(step: Step, event: sqlite3.Row, known: Known) -> None:
    match event["kind"]:
        case SaleEvent.SALE_VOIDED:
            _void(step, event, known)
        case SaleEvent.ADJUSTED:
            _adjust(step, event, known)
        case _:
            _spend(step, event, known)


def _void(step: Step, event: sqlite3.Row, known: Known) -> None:
    """All of it went back there: what went back, or is on its way, beside it went twice. What a
    case has over already is told by that one."""
    if known.state is SaleState.VOIDED:
        return
    given = sales.given_back(step.db, known.key)
    sales.void(step, known.key)
    if given:
        _open_case(step, event, known.key, over=given)


def _adjust(step: Step, event: sqlite3.Row, known: Known) -> None:
    """The newest total counts, whichever comes first."""
    newest = step.db.execute(_NEWEST_TOTAL, (event["sale_id"], event["leg"])).fetchone()
    if newest["event_key"] != event["event_key"]:
        return
    over = sales.set_total(step, known.key, event["leg"], event["amount"])
    if over is None:
        over = event["amount"]  # of a leg that it has not
    if over:
        _open_case(step, event, known.key, over=over, leg=event["leg"])
    elif counted := cases.take_rest(step, known.key, event["leg"]):
        sql = "UPDATE feed_events SET counted = ? WHERE event_key = ?"
        step.db.execute(sql, (counted, event["event_key"]))


class _Counted(Struct):
    """How much of a refund elsewhere the balances took."""

    money: int = 0
    goods: dict[int, int] = {}
    lacking: bool = False
    """Some of the goods were back already, or never sold."""


def _spend(step: Step, event: sqlite3.Row, known: Known) -> None:
    told = {int(n): each for n, each in json.loads(event["items"] or "{}").items()}
    counted = _Counted(sales.count_what_fits(step, known.key, event["leg"], event["amount"]))
    for line, quantity in told.items():
        counted.goods[line] = sales.count_goods_that_fit(step, known.key, line, quantity)
        counted.lacking = counted.lacking or counted.goods[line] < quantity
    step.db.execute(
        "UPDATE feed_events SET counted = ?, counted_items = ? WHERE event_key = ?",
        (counted.money, json.dumps(counted.goods) if told else None, event["event_key"]),
    )
    over = event["amount"] - counted.money
    if known.state is SaleState.VOIDED:
        # all of it went back already: nothing of this is still to be counted
        _open_case(step, event, known.key, over=event["amount"], leg=0)
    elif over or counted.lacking:
        _open_case(step, event, known.key, over=over, leg=event["leg"])


def _open_case(step: Step, event: sqlite3.Row, sale_key: int, *, over: int, leg: int = 0) -> None:
    facts = ToldElsewhere(
        event=event["kind"],
        reference=event["event_key"].partition("/")[2],
        leg=leg,
        amount=event["amount"] or 0,
    )
    cases.told_elsewhere(step, sale_key, facts, over=over, told=event["event_key"])

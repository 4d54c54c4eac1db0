"""Payments whose batch is closed: no void reaches them any more (R13)."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from pos_terminal.core.home import Home
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application
from pos_terminal.services.ledger.books.book import Log
from pos_terminal.services.ledger.spans import NONE, Spans
from pos_terminal.services.ledger.step import Step

CLOSED: Final = "legs_closed"
"""Kind of the entries that name them: of each leg the sales, as spans of their keys."""
STAYS: Final = f"""x.kind = '{CLOSED}' AND EXISTS (SELECT 1 FROM sales s
    WHERE s.sale_key BETWEEN x.facts ->> 'first' AND x.facts ->> 'last')"""
_CLOSE: Final = """UPDATE tenders SET batch_closed = 1
    WHERE batch != '' AND batch_closed = 0 AND typed = 0 AND %s RETURNING sale_key, leg"""
"""A batch that somebody typed may be another one; of such a payment there is no void at all."""


def close(step: Step, terminal_id: str, batch: str) -> None:
    """The acquirer has begun another one: all payments of this one are in a closed batch."""
    sql = _CLOSE % "terminal_id = ? AND batch = ?"
    _log(step, step.db.execute(sql, (terminal_id, batch)))


def close_at(step: Step, terminal_id: str, batch: str, moment: datetime) -> None:
    """The feed says so: batch numbers come again, and later payments may have the same one."""
    sql = _CLOSE % "terminal_id = ? AND batch = ? AND paid_ts <= ?"
    _log(step, step.db.execute(sql, (terminal_id, batch, int(moment.timestamp()))))


def close_of(step: Step, sale: Sale) -> None:
    """A new sale, where the feed told of the end of a payment's batch before."""
    sql = (
        _CLOSE
        % """sale_key = ? AND EXISTS (SELECT 1 FROM feed_events e
        WHERE e.terminal_id = tenders.terminal_id AND e.batch = tenders.batch
        AND e.at_ts >= tenders.paid_ts)"""
    )
    _log(step, step.db.execute(sql, (sale.key,)))


def check(db: sqlite3.Connection, application: Application, home: Home, batch: str) -> None:
    """A void belongs into the batch of its payment, which may have been closed since it was found.

    Failure ``host.void_too_late``.
    """
    row = db.execute(
        "SELECT batch_closed, terminal_id, batch FROM tenders WHERE sale_key = ? AND leg = ?",
        (application.sale_key, application.leg),
    ).fetchone()
    own = row["terminal_id"] == home.terminal_id
    if row["batch_closed"] or (own and row["batch"] != batch):
        raise Failure("host.void_too_late")


def closed_by(log: Log) -> Mapping[int, Spans]:
    """Sales by leg, as all the entries say; some of them may be gone."""
    found: dict[int, list[str]] = defaultdict(list)
    for entry in log.entries[CLOSED]:
        for part in entry["legs"].split():
            leg, _, keys = part.partition(":")
            found[int(leg)].append(keys)
    return {leg: Spans.joined(texts) for leg, texts in found.items()}


def _log(step: Step, closed: Iterable[sqlite3.Row]) -> None:
    by_leg: dict[int, list[int]] = defaultdict(list)
    for key, leg in closed:
        by_leg[leg].append(key)
    if not by_leg:
        return
    keys = [key for found in by_leg.values() for key in found]
    legs = " ".join(f"{leg}:{(NONE | found).text}" for leg, found in sorted(by_leg.items()))
    step.log(CLOSED, first=min(keys), last=max(keys), legs=legs)

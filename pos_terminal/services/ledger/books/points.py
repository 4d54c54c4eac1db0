"""Points that go back: a movement in the commit of its refund, for the till that keeps them.

The ledger knows what the points paid for, in minor units, and of which leg of which sale; whose
they are and how many that makes is the till's to say. It fetches them by their numbers, which only
rise, and none is changed or taken back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.words import Failure
from pos_terminal.ports.records import PointsMovement
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books.book import (
    MOMENT,
    Book,
    Gone,
    HeldBy,
    Listing,
    Log,
    ReadFace,
)
from pos_terminal.services.ledger.step import Step

_TABLES: Final = """
CREATE TABLE points_movements (
    movement INTEGER PRIMARY KEY AUTOINCREMENT,
    refund_id INTEGER NOT NULL UNIQUE REFERENCES refunds,
    amount INTEGER NOT NULL CHECK (amount > 0),
    at TEXT NOT NULL
) STRICT;
"""
_ALL: Final = """SELECT p.movement, p.refund_id, p.amount, p.at, r.currency, r.sale_key, s.sale_id,
    r.leg, r.application FROM points_movements p JOIN refunds r USING (refund_id)
    JOIN sales s USING (sale_key)"""
_LIST: Final = f"{_ALL} ORDER BY p.movement DESC LIMIT :limit"
_UNMATCHED: Final = f"""SELECT refund_id FROM refunds r LEFT JOIN points_movements p
    USING (refund_id) WHERE (r.kind = '{Kind.POINTS}') != (p.movement IS NOT NULL)
    OR p.amount != r.done LIMIT 1"""
"""Of each refund in points one movement, of all that was given back."""


def movement_of(row: sqlite3.Row) -> PointsMovement:
    return PointsMovement(
        movement=row["movement"],
        refund_id=row["refund_id"],
        application=row["application"],
        sale_key=row["sale_key"],
        sale_id=row["sale_id"] or "",
        leg=row["leg"],
        amount=row["amount"],
        currency=row["currency"],
        at=datetime.fromisoformat(row["at"]),
    )


def add(step: Step, refund: Refund) -> None:
    """The movement of this refund."""
    moment = step.now.isoformat()
    movement = step.insert(
        "INSERT INTO points_movements (refund_id, amount, at) VALUES (?, ?, ?)",
        (refund.refund_id, refund.done, moment),
    )
    step.log("points", refund=refund.refund_id, movement=movement, amount=refund.done)


def _witness(db: sqlite3.Connection, log: Log) -> None:
    """Every movement is as its entry says, and none is missing. Failure ``ledger.tampered``."""
    row = db.execute(_UNMATCHED).fetchone()
    if row is not None:
        raise Failure("ledger.tampered", what=f"points of refund {row[0]}")
    logged = log.of_kept("points", "refund", "refunds", "movement", "refund", "amount", MOMENT)
    sql = "SELECT movement, refund_id, amount, at FROM points_movements ORDER BY movement"
    if logged != [tuple(row) for row in db.execute(sql)]:
        raise Failure("ledger.tampered", what="points")


class PointsReads(ReadFace):
    """Fulfils ``ports.PointsReads``."""

    def after(self, movement: int, most: int) -> Sequence[PointsMovement]:
        sql = f"{_ALL} WHERE p.movement > ? ORDER BY p.movement LIMIT ?"
        return [movement_of(row) for row in self._rows(sql, movement, most)]

    def of_refund(self, refund_id: int) -> PointsMovement | None:
        found = self._rows(f"{_ALL} WHERE p.refund_id = ?", refund_id)
        return movement_of(found[0]) if found else None


BOOK: Final = Book(
    tables=_TABLES,
    entries={"points": HeldBy("refund", "refunds", "refund_id")},
    witness=_witness,
    goes=(Gone("points_movements", purges.OF_REFUNDS),),
    lists=(
        Listing(
            name="points",
            sql=_LIST,
            columns=("movement", "at", "refund_id", "sale_id", "leg", "amount"),
        ),
    ),
)

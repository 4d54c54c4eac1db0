"""Cards that were called stolen, lost or fraud and are so no longer, by two people (R81).

A row is added for each such answer that it ends, and none is ever taken back: a later answer of
the same kind counts anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.words import Failure
from pos_terminal.ports.records import Clearing
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books.book import (
    Book,
    Face,
    Gone,
    HeldBy,
    Invariant,
    Listing,
    Log,
    ReadFace,
)
from pos_terminal.services.ledger.books.refunds.reads import refund_of
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.two_people import (
    are_others,
    erase_names,
    facts_of,
    hold,
    names_mark,
)

_TABLES: Final = """
CREATE TABLE cleared_cards (
    refund_id INTEGER NOT NULL PRIMARY KEY REFERENCES refunds,
    reference TEXT NOT NULL CHECK (reference != ''),
    operator TEXT NOT NULL,
    first TEXT NOT NULL,
    first_name TEXT NOT NULL,
    first_at TEXT NOT NULL,
    second TEXT NOT NULL,
    second_name TEXT NOT NULL,
    second_at TEXT NOT NULL,
    CONSTRAINT two_people CHECK (first != second AND operator NOT IN (first, second))
) STRICT, WITHOUT ROWID;
"""
_LIST: Final = """SELECT refund_id, reference, operator, first, first_name, second, second_name,
    second_at AS at FROM cleared_cards ORDER BY refund_id DESC LIMIT :limit"""
_CALLED: Final = f"""cause = '{Cause.CARD_REFUSED}' AND state = '{State.DECLINED}'
    AND refund_id NOT IN (SELECT refund_id FROM cleared_cards)"""
_OPEN: Final = f"SELECT * FROM refunds WHERE {_CALLED} ORDER BY refund_id DESC LIMIT ?"
_OF_CARD: Final = f"""SELECT refund_id FROM refunds WHERE {_CALLED} AND (refund_id = :refund
    OR token = (SELECT token FROM refunds WHERE refund_id = :refund)
    OR par = (SELECT par FROM refunds WHERE refund_id = :refund)) ORDER BY refund_id"""
"""By any number of its account, as the rule knows it."""
_NEVER_CALLED: Final = f"""SELECT refund_id FROM cleared_cards JOIN refunds USING (refund_id)
    WHERE cause IS NOT '{Cause.CARD_REFUSED}' LIMIT 1"""
_FACTS: Final = (*("refund", "reference", "operator", "first", "first_at", "second", "second_at"),)
"""Of an entry, in the order of the columns."""
_BY: Final = "cleared by"


def add(step: Step, refund_id: int, clearing: Clearing) -> Sequence[int]:
    """All such answers of this refund's card, as far as they are known here; their refunds.

    Failure ``cleared.nothing`` where none is left, ValueError where it is not theirs to say.
    """
    if not are_others(clearing.approvals, clearing.operator):
        raise ValueError("two people other than the operator clear a card")
    found = step.db.execute(_OF_CARD, {"refund": refund_id}).fetchall()
    numbers = [int(row["refund_id"]) for row in found]
    if refund_id not in numbers:
        raise Failure("cleared.nothing")
    facts = {
        "reference": clearing.reference,
        "operator": clearing.operator,
        **facts_of(clearing.approvals),
    }
    first, second = (one.name for one in clearing.approvals)
    for number in numbers:
        step.db.execute(
            """INSERT INTO cleared_cards (refund_id, reference, operator, first, first_at, second,
            second_at, first_name, second_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (number, *facts.values(), first, second),
        )
        names = names_mark(step.audit_key, _BY, number, first, second)
        step.log("card_cleared", refund=number, names=names, **facts)
    return numbers


def _witness(db: sqlite3.Connection, log: Log) -> None:
    rows = db.execute(
        """SELECT refund_id, reference, c.operator, first, first_at, second, second_at,
        first_name, second_name, application FROM cleared_cards c JOIN refunds USING (refund_id)"""
    )
    hold(log, "card_cleared", _FACTS, rows, own=1, what="cleared cards", by=_BY)


class ClearedReads(ReadFace):
    """Fulfils ``ports.ClearedReads``."""

    def still_called(self, limit: int) -> Sequence[Refund]:
        return [refund_of(row) for row in self._rows(_OPEN, limit)]


class Cleared(Face, ClearedReads):
    """Fulfils ``ports.Cleared``."""

    async def clear(self, refund_id: int, clearing: Clearing) -> Sequence[int]:
        return await self._door.step("clear_card", lambda step: add(step, refund_id, clearing))


BOOK: Final = Book(
    tables=_TABLES,
    entries={"card_cleared": HeldBy("refund", "refunds", "refund_id")},
    witness=_witness,
    invariants=(Invariant("cleared card of refund", _NEVER_CALLED),),
    goes=(Gone("cleared_cards", purges.OF_REFUNDS),),
    erased={purges.REFUNDS: (erase_names("cleared_cards"),)},
    lists=(
        Listing(
            name="cleared_cards",
            sql=_LIST,
            columns=("refund_id", "reference", "operator", "first", "second", "at"),
        ),
    ),
)

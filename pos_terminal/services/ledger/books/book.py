"""What a book of the ledger is: all that is particular to one concept. Knows no book."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.spans import NONE, Spans
from pos_terminal.services.ledger.step import Step

T = TypeVar("T")
Facts = dict[str, Any]


class Purged(Struct, frozen=True):
    """What the log says was purged."""

    applications: Spans = NONE
    refunds: Spans = NONE
    cases: Spans = NONE
    cards: Spans = NONE
    """Applications whose card and person data were erased."""

    @classmethod
    def of(cls, entries: Sequence[Facts]) -> Purged:
        """From the facts of the ``purge`` entries, oldest first."""
        gone = [facts for facts in entries if facts["class"] == purges.SALES]
        erased = [facts["ids"] for facts in entries if facts["class"] == purges.REFUNDS]
        return cls(
            Spans.joined(facts["applications"] for facts in gone),
            Spans.joined(facts["refunds"] for facts in gone),
            Spans.joined(facts["cases"] for facts in gone),
            Spans.of(erased[-1]) if erased else NONE,
        )


class Log(Struct, frozen=True):
    """What a witness holds its tables against: the facts of the log, and what was purged."""

    key: bytes
    entries: Mapping[str, Sequence[Facts]]
    """By kind, oldest first; none for a kind that never was."""
    purged: Purged


class Row(Struct, frozen=True):
    """The row that an entry's facts are held against, and are kept for as long as it is there."""

    fact: str
    """The fact that names it."""
    table: str
    column: str


class Listing(Struct, frozen=True):
    """A list of ``pos-terminal ledger``."""

    name: str
    sql: str
    """Newest first; ``:limit`` is how many."""
    columns: tuple[str, ...] = ()
    """What is printed without ``--json``."""
    shown: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """How a row is told to people."""


class Gone(Struct, frozen=True):
    """Rows that go with their sale."""

    table: str
    where: str
    """SQL; ``:keys`` is a JSON list of sales."""


class Book(Struct, frozen=True, kw_only=True):
    """One concept. Every part may be empty."""

    tables: str = ""
    """SQL that makes them."""
    entries: Mapping[str, Row] = {}
    """Kinds of audit entries that tables are held against."""
    witness: Callable[[sqlite3.Connection, Log], None] | None = None
    """Called by ``verify``. Failure ``ledger.tampered``."""
    goes: tuple[Gone, ...] = ()
    """What goes with a sale, in the order of the tables; a purge goes backwards."""
    sale_stays: str = ""
    """SQL: whether the sale ``s`` must stay; ``:quiet`` is a day."""
    slip_stays: str = ""
    """SQL: whether the slip ``x`` must stay whole."""
    lists: tuple[Listing, ...] = ()


class ReadDoor(Protocol):
    """How a book's face comes to the ledger: looked up at each call."""

    @property
    def db(self) -> sqlite3.Connection:
        """The reader's connection."""


class Door(ReadDoor, Protocol):
    """The same, with the one way in for writes."""

    async def step(self, name: str, work: Callable[[Step], T]) -> T: ...

"""What a book of the ledger is: all that is particular to one concept. Knows no book.

Schema, ``verify``, purge and lists loop over the books on the ``shelf``; what is not in one of
these parts of a book does not exist for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec import Struct

from pos_terminal.core.home import Home
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.names import Names
from pos_terminal.services.ledger.spans import NONE, Spans
from pos_terminal.services.ledger.step import Step

if TYPE_CHECKING:
    from pos_terminal.config import Retention

T = TypeVar("T")
EntryFacts = dict[str, Any]
ENTRY, MOMENT = "entry", "entered"
"""Of every entry that a witness sees: its number, and the moment of its step, ISO 8601."""
Query = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]
"""Rows of SQL with values, as dicts."""


class Purged(Struct, frozen=True):
    """What the log says was purged."""

    rows: Mapping[str, Spans] = {}
    """Numbers of the rows that went with their sales, by table."""
    erased: Mapping[str, Spans] = {}
    """Numbers of those that stay and were stripped for their age, by class."""

    @classmethod
    def of(cls, entries: Sequence[EntryFacts], tables: Sequence[str]) -> Purged:
        """From the facts of the ``purge`` entries, oldest first; ``tables`` with such numbers."""
        gone = [facts for facts in entries if facts["class"] == purges.SALES]
        newest = {facts["class"]: facts["ids"] for facts in entries if "ids" in facts}
        return cls(
            {table: Spans.joined(facts[table] for facts in gone) for table in tables},
            {name: Spans.of(ids) for name, ids in newest.items()},
        )

    def __getitem__(self, table: str) -> Spans:
        return self.rows.get(table, NONE)


class Log(Struct, frozen=True):
    """What a witness holds its tables against: the facts of the log, and what was purged."""

    key: bytes
    entries: Mapping[str, Sequence[EntryFacts]]
    """By kind, oldest first; none for a kind that never was. Each has its number (``ENTRY``) and
    its moment (``MOMENT``) among its facts."""
    purged: Purged

    @property
    def newest_gone(self) -> int:
        """No entry up to this one can be asked for what is newest: its facts may be gone."""
        return self.purged.erased.get(purges.AUDIT, NONE).last

    def newest(self, *kinds: str) -> EntryFacts | None:
        """Of entries of these kinds; None where there is none, or its facts may be gone."""
        found = [entry for kind in kinds for entry in self.entries[kind]]
        newest = max(found, key=lambda entry: int(entry[ENTRY]), default=None)
        return newest if newest and newest[ENTRY] > self.newest_gone else None

    def of_kept(self, kind: str, fact: str, table: str, *facts: str) -> list[tuple[Any, ...]]:
        """These facts of the entries of a kind, sorted, without those of rows that were purged.

        ``fact`` names the row of ``table`` that an entry belongs to.
        """
        gone = self.purged[table]
        return sorted(
            tuple(entry[name] for name in facts)
            for entry in self.entries[kind]
            if entry[fact] not in gone
        )


class HeldBy(Struct, frozen=True):
    """The row that an entry's facts are held against, and are kept for as long as it is there."""

    fact: str
    """The fact that names it."""
    table: str
    column: str
    newest: bool = False
    """Of each row only the newest entry of this kind is asked for: a log is long."""


class Invariant(Struct, frozen=True):
    """A question about the tables themselves: what the log can't tell, since sums make it."""

    what: str
    """Told with what was found: ``balance of sale``."""
    sql: str
    """Gives the first one that is wrong, or no row."""


class Numbered(Struct, frozen=True):
    """Rows that entries of the log name: a purge says which of them went, with a sale or alone.

    The statements of all books have their numbers as a JSON list, ``:table``.
    """

    table: str
    column: str
    of_sale: bool = True
    """Whether rows of it go with a sale."""


class Loose(Struct, frozen=True):
    """Rows that may have no sale (its ``sale_key`` is NULL): those go by themselves, of old age.

    What hangs on them goes by their numbers, as it does with a sale (``Gone``).
    """

    table: str
    column: str
    """Its number, as in ``Numbered``: no later one is older."""
    at: str
    """The column with the moment a row was made, ISO 8601."""
    stays: str
    """SQL: whether the row ``x`` must stay; what ended on the day ``:quiet`` or later is young."""


class Gone(Struct, frozen=True):
    """Rows that go with their sale."""

    table: str
    where: str
    """SQL; ``:sales`` is a JSON list of sales' keys, ``:sale_ids`` one of the till's names of them,
    and there are those of all ``Numbered``.

    What it looks up in a table that goes as well may be gone already: such rows need a foreign key
    that takes them along.
    """


class Aged(Struct, frozen=True, kw_only=True):
    """A class of rows that stay and say less once they are old, oldest number first.

    Any book may say in ``stays`` what keeps one whole for now, and in ``erased`` what goes with it.
    """

    name: str
    """In the entry of the purge."""
    table: str
    number: str
    at: str
    """The column with the moment a row was made, ISO 8601: no later number is older."""
    days: Callable[[Retention], int]
    """How long they are kept whole."""
    strip: Callable[[Step, Sequence[int]], None] | None = None
    """Erases what no statement of ``erased`` can."""
    last: bool = False
    """After all else: what the other purges write down may be among them."""


class Leftovers(Protocol):
    """One run over rows that are older than sales are kept, and that no sale holds any more."""

    fact: str
    """Their name in the entry of the purge."""
    table: str
    """The numbered rows that they are, which the entry names one by one; empty: no such rows."""

    def find(self, db: sqlite3.Connection) -> Sequence[Any] | None:
        """The next ones, some tens; None at the end."""

    def delete(self, step: Step, found: Sequence[Any]) -> None: ...


class Listing(Struct, frozen=True):
    """A list of ``pos-terminal ledger``."""

    name: str
    sql: str
    """Newest first; ``:limit`` is how many."""
    columns: tuple[str, ...] = ()
    """What is printed without ``--json``; none: only printed with it."""
    shown: Callable[[Query, dict[str, Any]], dict[str, Any]] = lambda _, row: row
    """How a row is told to people, and what belongs to it."""
    whole: bool = False
    """All of them, in the order of the SQL."""


class Book(Struct, frozen=True, kw_only=True):
    """One concept. Every part may be empty."""

    names: tuple[Names, ...] = ()
    """The domain's sets that its columns refer to."""
    tables: str = ""
    """SQL that makes them."""
    rows: Mapping[str, Mapping[str, str | int]] = {}
    """What a new ledger begins with: a row of a table."""
    begins: Callable[[Step], None] | None = None
    """Called in the first step of every start."""
    entries: Mapping[str, HeldBy] = {}
    """Kinds of audit entries that tables are held against."""
    told: tuple[str, ...] = ()
    """Further kinds that the witness looks at, of which the newest counts: no row keeps them."""
    witness: Callable[[sqlite3.Connection, Log], None] | None = None
    """Called by ``verify``. Failure ``ledger.tampered``."""
    invariants: tuple[Invariant, ...] = ()
    """Asked by ``verify`` once every witness was content."""
    numbered: tuple[Numbered, ...] = ()
    loose: tuple[Loose, ...] = ()
    goes: tuple[Gone, ...] = ()
    """What goes with a sale, in any order."""
    parting: Callable[[Step, Mapping[str, str]], None] | None = None
    """Called before sales go, with the values that statements have: what is left, said anew."""
    leftovers: tuple[Callable[[datetime], Leftovers], ...] = ()
    """Given the moment before which they may go."""
    aged: tuple[Aged, ...] = ()
    """What stays and is stripped once it is old."""
    erased: Mapping[str, tuple[str, ...]] = {}
    """By class of ``Aged``: SQL that erases; ``:numbers`` is a JSON list."""
    stays: Mapping[str, str] = {}
    """By class of ``Aged``: SQL, whether the row ``x`` must stay whole; what ended on the day
    ``:before`` or later is young. Audit entries stay for ``entries`` as well."""
    sale_stays: str = ""
    """SQL: whether the sale ``s`` must stay; what ended on the day ``:quiet`` or later is young."""
    heading: str = ""
    """SQL of one row: what stands above the lists."""
    lists: tuple[Listing, ...] = ()


class ReadDoor(Protocol):
    """How a book's face comes to the ledger: looked up at each call."""

    @property
    def db(self) -> sqlite3.Connection:
        """The reader's connection."""

    @property
    def home(self) -> Home: ...

    @property
    def moment(self) -> AbstractContextManager[None]:
        """Several questions about one state of the ledger, whatever the writer does meanwhile."""


class Door(ReadDoor, Protocol):
    """The same, with the one way in for writes."""

    @property
    def believed_now(self) -> datetime | None:
        """The time; None where it is in doubt (R70)."""

    async def step(self, name: str, work: Callable[[Step], T]) -> T: ...

    async def blocking(self, work: Callable[[], T]) -> T:
        """Work on the writer's thread that begins no step of its own."""


class ReadFace:
    """The beginning of every book's questions."""

    def __init__(self, door: ReadDoor) -> None:
        self._reads = door

    def _rows(self, sql: str, *values: str | int | None) -> list[sqlite3.Row]:
        """All of them at once: a cursor left open would hold back a checkpoint."""
        return self._reads.db.execute(sql, values).fetchall()


class Face(ReadFace):
    """The same with writes."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self._door = door

"""The ledger held against its audit log: a change made behind its back shows (R55).

What a purge took away (R54) is missing rightly where its entry names it, and what it left is held
against the log like everything else.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from pos_terminal.core.digest import digest
from pos_terminal.core.items import Item
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger import audit, items, rows
from pos_terminal.services.ledger.anchor import check_anchor
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.books.book import Facts, Log, Purged
from pos_terminal.services.ledger.connect import failure_of, open_reader
from pos_terminal.services.ledger.content import EMPTY, digest_of_many
from pos_terminal.services.ledger.migrations import migrate
from pos_terminal.services.ledger.sealing import card_mark

if TYPE_CHECKING:
    from pos_terminal.services.ledger.store import LedgerStore

NEWEST: Final = 1000
"""Entries checked at every start; the whole log is checked by ``verify``."""
_REFUND_FACTS: Final = (
    ("application", "application"),
    ("sale", "sale_id"),
    ("leg", "leg"),
    ("refund_kind", "kind"),
    ("state", "state"),
    ("amount", "amount"),
    ("done", "done"),
    ("operator", "operator"),
    ("stan", "stan"),
    ("batch", "batch"),
    ("rrn", "rrn"),
    ("response", "response"),
    ("cause", "cause"),
    ("repeats", "repeats"),
)
_FINDING_FACTS: Final = (
    "refund",
    "paid",
    "done",
    "reference",
    "operator",
    "first",
    "second",
    "amount",
)
_EVIDENCE_FACTS: Final = ("refund", "paid", "done", "reference", "source", "line", "digest")
_CLOSING_FACTS: Final = ("number", "case", "reference", "operator", "first", "second", "counted")
_TENDERS: Final = """SELECT t.sale_id, t.leg FROM tenders t WHERE
    t.held != (SELECT coalesce(sum(r.amount), 0) FROM refunds r WHERE r.sale_id = t.sale_id
        AND r.leg = t.leg AND r.state IN ('sealed', 'unknown', 'reversing'))
    OR t.done != (SELECT coalesce(sum(r.done), 0) FROM refunds r WHERE r.sale_id = t.sale_id
        AND r.leg = t.leg AND r.state != 'overpaid')
    + (SELECT coalesce(sum(e.amount), 0) FROM feed_events e WHERE e.sale_id = t.sale_id
        AND e.leg = t.leg AND e.kind = 'refunded_elsewhere')
    + (SELECT coalesce(sum(c.counted), 0) FROM closings c JOIN cases k USING (case_id)
        JOIN refunds r USING (refund_id) WHERE r.sale_id = t.sale_id AND r.leg = t.leg)
    LIMIT 1"""
_LINES: Final = """WITH named AS (SELECT i.sale_id, i.line,
    sum(iif(r.state IN ('sealed', 'unknown', 'reversing'), i.quantity, 0)) AS held,
    sum(iif(r.done > 0 AND r.state != 'overpaid', i.quantity, 0)) AS returned
    FROM application_items i JOIN refunds r USING (application) GROUP BY i.sale_id, i.line),
    elsewhere AS (SELECT e.sale_id, cast(x.key AS INTEGER) AS line, sum(x.value) AS returned
    FROM feed_events e, json_each(e.items) x GROUP BY 1, 2)
    SELECT l.sale_id FROM lines l LEFT JOIN named n USING (sale_id, line)
    LEFT JOIN elsewhere e USING (sale_id, line) WHERE l.held != coalesce(n.held, 0)
    OR l.returned != coalesce(n.returned, 0) + coalesce(e.returned, 0) LIMIT 1"""
_VOIDED: Final = """WITH facts AS (SELECT sale_id, state,
    EXISTS (SELECT 1 FROM feed_events e WHERE e.sale_id = s.sale_id AND e.kind = 'sale_voided')
        AS elsewhere,
    EXISTS (SELECT 1 FROM refunds r WHERE r.sale_id = s.sale_id AND r.kind = 'void'
        AND r.state = 'accepted') AS void,
    NOT EXISTS (SELECT 1 FROM tenders t WHERE t.sale_id = s.sale_id AND t.done < t.amount)
        AS nothing_left,
    NOT EXISTS (SELECT 1 FROM tenders t WHERE t.sale_id = s.sale_id AND NOT EXISTS (
        SELECT 1 FROM refunds r WHERE r.sale_id = t.sale_id AND r.leg = t.leg
        AND r.kind = 'void' AND r.state = 'accepted')) AS every_leg
    FROM sales s)
    SELECT sale_id FROM facts WHERE
    state = 'voided' AND NOT (elsewhere OR void AND nothing_left)
    OR state != 'voided' AND (elsewhere OR void AND every_leg)
    LIMIT 1"""
"""A sale of several legs whose void was not the last of them stands: nothing is left of it."""

_ONE_OPEN: Final = """SELECT sale_id FROM refunds WHERE state IN ('sealed', 'unknown', 'reversing')
    GROUP BY sale_id HAVING count(*) > 1 LIMIT 1"""
"""A refund without an outcome blocks its sale (R32)."""
_LOCKED: Final = """SELECT sale_id FROM sales s WHERE locked != (EXISTS (
    SELECT 1 FROM refunds r WHERE r.sale_id = s.sale_id AND r.state = 'overpaid' AND NOT EXISTS (
        SELECT 1 FROM cases k JOIN closings c USING (case_id)
        WHERE k.refund_id = r.refund_id AND k.kind = 'overpayment')) OR EXISTS (
    SELECT 1 FROM cases k WHERE k.sale_id = s.sale_id AND k.kind = 'paid_twice' AND NOT EXISTS (
        SELECT 1 FROM closings c WHERE c.case_id = k.case_id))) LIMIT 1"""
"""From the late approval, or the second posting, to the closing of its case."""
_FOUND: Final = """SELECT r.refund_id FROM refunds r
    LEFT JOIN findings f ON f.refund_id = r.refund_id AND NOT f.paid
    LEFT JOIN findings p ON p.refund_id = r.refund_id AND p.paid
    LEFT JOIN outcomes n ON n.refund_id = r.refund_id AND n.effect = 'concluded' AND NOT n.paid
    LEFT JOIN outcomes y ON y.refund_id = r.refund_id AND y.effect = 'concluded' AND y.paid WHERE
    (r.state IN ('given_up', 'overpaid')) != (coalesce(f.refund_id, n.refund_id) IS NOT NULL)
    OR coalesce(p.done, y.done) != r.done
    OR coalesce(p.done, y.done) IS NOT NULL AND r.state NOT IN ('accepted', 'overpaid')
    OR f.refund_id IS NOT NULL AND n.refund_id IS NOT NULL
    OR p.refund_id IS NOT NULL AND y.refund_id IS NOT NULL
    LIMIT 1"""
"""What only people or the acquirer's file may say has who said it."""
_CLOSED: Final = """SELECT case_id FROM closings JOIN cases USING (case_id)
    WHERE state = 'open' LIMIT 1"""
HELD: Final = {
    "application": ("application", "applications", "number"),
    "refund": ("refund", "refunds", "refund_id"),
    "approval": ("application", "applications", "number"),
    "finding": ("refund", "refunds", "refund_id"),
    "evidence": ("refund", "refunds", "refund_id"),
    "paid_twice": ("refund", "refunds", "refund_id"),
    "closing": ("number", "cases", "case_id"),
    **{kind: (row.fact, row.table, row.column) for kind, row in shelf.entries().items()},
    "import": ("import_id", "imports", "import_id"),
}
"""Kinds of the entries that tables are held against: the fact that names a row, its table and
column. A purge keeps their facts for as long as that row is there."""
_STRIDE: Final = 20_000
"""Instructions of SQLite's machine between two looks whether it may go on: some milliseconds."""
_OF_CONTENT: Final = (None, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH)
"""SQLite's codes for what a change can make of a table; None: Python could not read a value."""
_SCHEMA: Final = "SELECT type, name, tbl_name, sql FROM sqlite_schema"


def verify_at_start(db: sqlite3.Connection, path: Path, key: bytes) -> None:
    """The newest entries and the noted head: quick enough for every start."""
    with _readable(path):
        audit.verify_chain(db, key, NEWEST)
        check_anchor(db, path, key)


def verify_store(ledger: LedgerStore) -> None:
    """The whole of an open ledger. Blocks: give it to a ``Runner``. Failures as of ``verify``."""
    verify(ledger.path, ledger.writer.audit_key)


def verify(path: Path, key: bytes, go_on: Callable[[], bool] = lambda: True) -> bool:
    """Everything, on a connection of its own; False where ``go_on`` said no on the way.

    Failure ``ledger.tampered``, ``ledger.damaged``, ``ledger.rolled_back``; those of the disk.
    """
    with _readable(path), closing(open_reader(path)) as db:
        db.set_progress_handler(lambda: not go_on(), _STRIDE)
        try:
            _check(db, path, key)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
                raise
            return False
    return True


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What was written here can be read: an error that is not the disk's was made by a change."""
    try:
        yield
    except (Failure, MemoryError):
        raise
    except Exception as error:
        failure = failure_of(error, path) if isinstance(error, sqlite3.Error) else None
        if failure is None and getattr(error, "sqlite_errorcode", None) not in _OF_CONTENT:
            raise
        what = f"what can't be read any more ({type(error).__name__})"
        raise failure or Failure("ledger.tampered", what=what) from error


def _check(db: sqlite3.Connection, path: Path, key: bytes) -> None:
    db.execute("BEGIN")
    found = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise Failure("ledger.damaged", file=str(path), cause=str(found)[:120])
    _check_schema(db)
    audit.verify_chain(db, key)
    check_anchor(db, path, key)
    log = _facts(db)
    purged = Purged.of(log[audit.PURGE])
    _check_purges(db)
    _check_items(db, log["application"], purged)
    _check_refunds(db, key, log["refund"], purged)
    _check_approvals(db, log["approval"], purged)
    _check_findings(db, log["finding"], purged)
    _check_evidence(db, log["evidence"], purged)
    _check_paid_twice(db, log["paid_twice"], purged)
    _check_closings(db, log["closing"], purged)
    _check_imports(db, key, log["import"])
    for book in shelf.BOOKS:
        if book.witness is not None:
            book.witness(db, Log(key, log, purged))
    for sql, what in (
        (_TENDERS, "balance of sale"),
        (_LINES, "goods of sale"),
        (_VOIDED, "state of sale"),
        (_LOCKED, "lock of sale"),
        (_ONE_OPEN, "open refunds of sale"),
        (_FOUND, "finding on refund"),
        (_CLOSED, "closing of case"),
    ):
        row = db.execute(sql).fetchone()
        if row is not None:
            raise Failure("ledger.tampered", what=f"{what} {row[0]}")


def _check_schema(db: sqlite3.Connection) -> None:
    """Tables, indexes and triggers are those of this version: the CHECKs guard the money."""
    if _own_schema() != {tuple(row) for row in db.execute(_SCHEMA)}:
        raise Failure("ledger.tampered", what="schema")


@cache
def _own_schema() -> frozenset[tuple[str | None, ...]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrate(fresh, ":memory:")
        return frozenset(map(tuple, fresh.execute(_SCHEMA)))


def _facts(db: sqlite3.Connection) -> dict[str, list[Facts]]:
    """Facts of the entries that tables are held against, by kind, oldest first."""
    marks = ", ".join("?" for _ in (*HELD, audit.PURGE))
    sql = f"""SELECT kind, facts FROM audit WHERE kind IN ({marks}) AND facts IS NOT NULL
        ORDER BY seq"""  # question marks only
    found: dict[str, list[Facts]] = defaultdict(list)
    for kind, facts in db.execute(sql, (*HELD, audit.PURGE)):
        found[kind].append(msgspec.json.decode(facts))
    return found


def _check_purges(db: sqlite3.Connection) -> None:
    """The newest purge of each class is the one that the next goes on from."""
    newest = {
        msgspec.json.decode(facts)["class"]: seq
        for seq, facts in db.execute(
            "SELECT seq, facts FROM audit WHERE kind = ? AND facts IS NOT NULL ORDER BY seq",
            (audit.PURGE,),
        )
    }
    if newest != dict(map(tuple, db.execute("SELECT class, entry FROM purges"))):
        raise Failure("ledger.tampered", what="purges")


def _check_refunds(
    db: sqlite3.Connection, key: bytes, facts: Sequence[Facts], purged: Purged
) -> None:
    """Every refund is as its newest entry says, and none is missing or back again."""
    newest = {entry["refund"]: entry for entry in facts}
    for row in db.execute("SELECT * FROM refunds"):
        entry = newest.pop(row["refund_id"], None)
        if entry is None or row["refund_id"] in purged.refunds or _differs(row, entry, key, purged):
            raise Failure("ledger.tampered", what=f"refund {row['refund_id']}")
    for refund_id in newest:
        if refund_id not in purged.refunds:
            raise Failure("ledger.tampered", what=f"refund {refund_id}")


def _check_items(db: sqlite3.Connection, facts: Sequence[Facts], purged: Purged) -> None:
    """Every application names the goods that it was opened with."""
    logged = {
        f["application"]: f["items"]
        for f in facts
        if f.get("items") and f["application"] not in purged.applications
    }
    stored: dict[int, list[Item]] = defaultdict(list)
    for number, *item in db.execute(
        "SELECT application, line, quantity, amount FROM application_items"
    ):
        stored[number].append(Item(*item))
    if logged != {number: items.fact(found) for number, found in stored.items()}:
        raise Failure("ledger.tampered", what="goods of applications")


def _differs(row: sqlite3.Row, entry: Facts, key: bytes, purged: Purged) -> bool:
    card = None if row["application"] in purged.cards else entry["card"]
    return card_mark(key, row["refund_id"], row["masked"]) != card or any(
        entry[fact] != row[column] for fact, column in _REFUND_FACTS
    )


def _check_approvals(db: sqlite3.Connection, facts: Sequence[Facts], purged: Purged) -> None:
    logged = sorted(
        (f["application"], f["supervisor"], f["amount"], f["rule"])
        for f in facts
        if f["application"] not in purged.applications
    )
    stored = db.execute("SELECT application, supervisor, amount, rule FROM approvals")
    if logged != sorted(map(tuple, stored)):
        raise Failure("ledger.tampered", what="approvals")


def _check_findings(db: sqlite3.Connection, facts: Sequence[Facts], purged: Purged) -> None:
    logged = sorted(
        tuple(found[fact] for fact in _FINDING_FACTS)
        for found in facts
        if found["refund"] not in purged.refunds
    )
    stored = db.execute(
        "SELECT refund_id, paid, done, reference, operator, first, second, amount FROM findings"
    )
    if logged != sorted(map(tuple, stored)):
        raise Failure("ledger.tampered", what="findings")


def _check_evidence(db: sqlite3.Connection, facts: Sequence[Facts], purged: Purged) -> None:
    logged = sorted(
        tuple(found[fact] for fact in _EVIDENCE_FACTS)
        for found in facts
        if found["refund"] not in purged.refunds
    )
    stored = db.execute(
        """SELECT refund_id, paid, done, reference, source, line, digest
        FROM outcomes JOIN outcome_files USING (file_id) WHERE effect = 'concluded'"""
    )
    if logged != sorted(map(tuple, stored)):
        raise Failure("ledger.tampered", what="outcomes of the acquirer's file")


def _check_paid_twice(db: sqlite3.Connection, facts: Sequence[Facts], purged: Purged) -> None:
    """The cases that lock a sale though its refund's state is a plain one."""
    logged = sorted(
        (found["refund"], found["over"]) for found in facts if found["refund"] not in purged.refunds
    )
    stored = db.execute("SELECT refund_id, facts ->> 'over' FROM cases WHERE kind = 'paid_twice'")
    if logged != sorted(map(tuple, stored)):
        raise Failure("ledger.tampered", what="cases of what was paid twice")


def _check_closings(db: sqlite3.Connection, facts: Sequence[Facts], purged: Purged) -> None:
    logged = sorted(
        tuple(str(closing[fact]) for fact in _CLOSING_FACTS)
        for closing in facts
        if closing["number"] not in purged.cases
    )
    stored = db.execute(
        """SELECT case_id, kind, reference, operator, first, second, counted
        FROM closings LEFT JOIN cases USING (case_id)"""
    )
    if logged != sorted(tuple(map(str, row)) for row in stored):
        raise Failure("ledger.tampered", what="closed cases")


def _check_imports(db: sqlite3.Connection, key: bytes, facts: Sequence[Facts]) -> None:
    """Every sale is as it was imported, and none is missing or added.

    An import's newest entry counts: a purge says there what is left of it.
    """
    counted: dict[int, str] = defaultdict(lambda: EMPTY)

    def count(row: sqlite3.Row) -> None:
        number = row["import_id"]
        counted[number] = digest_of_many(key, [row["content"]], counted[number])

    for row in db.execute("SELECT * FROM sales"):
        sale_id = row["sale_id"]
        tenders = db.execute("SELECT * FROM tenders WHERE sale_id = ? ORDER BY leg", (sale_id,))
        lines = db.execute("SELECT * FROM lines WHERE sale_id = ? ORDER BY line", (sale_id,))
        sale = rows.sale_of(row, tenders.fetchall(), lines.fetchall())
        if digest(sale) != row["content"]:
            raise Failure("ledger.tampered", what=f"sale {sale_id}")
        count(row)
    for row in db.execute("SELECT import_id, content FROM feed_events"):
        count(row)
    logged = {f["import_id"]: f["digest"] for f in facts if f["import_id"] is not None}
    logged = {number: left for number, left in logged.items() if left != EMPTY}
    noted = dict(map(tuple, db.execute("SELECT import_id, digest FROM imports")))
    if not logged == counted == noted:
        raise Failure("ledger.tampered", what="imported sales")

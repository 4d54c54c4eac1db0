"""A disk that fails at one statement: every step of the ledger meets every error, everywhere."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, TypeVar, cast
from unittest.mock import patch

from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.writer import Writer

T = TypeVar("T")

ERRORS: Final = ("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_IOERR_WRITE")


class FailingConnection:
    """The writer's connection, whose n-th statement from now on meets an error of the disk.

    With ``lasting`` every later one does so too, until ``mend``. A ROLLBACK always succeeds.
    """

    def __init__(
        self, real: sqlite3.Connection, nth: int, name: str, *, lasting: bool = False
    ) -> None:
        self.real = real
        self.name = name
        self.failed = 0
        """How often the error was met."""
        self.left = nth
        """Statements until the error."""
        self._lasting = lasting

    def execute(self, sql: str, *values: Any) -> Any:
        self._count(sql)
        return self.real.execute(sql, *values)

    def executemany(self, sql: str, values: Any) -> Any:
        self._count(sql)
        return self.real.executemany(sql, values)

    def mend(self) -> None:
        self.left = 0
        self._lasting = False

    def _count(self, sql: str) -> None:
        if sql == "ROLLBACK":
            return
        self.left -= 1
        if self.left == 0 or (self.left < 0 and self._lasting):
            self.failed += 1
            if self.name == "SQLITE_FULL" and self.real.in_transaction:
                self.real.execute("ROLLBACK")  # as SQLite does
            raise disk_error(self.name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def disk_error(name: str) -> sqlite3.OperationalError:
    """The error as the sqlite3 module raises it."""
    error = sqlite3.OperationalError(name)
    error.sqlite_errorcode = getattr(sqlite3, name)
    error.sqlite_errorname = name
    return error


@dataclass(slots=True)
class Met:
    """What the steps of a story met."""

    steps: Counter[str] = field(default_factory=Counter)
    """How often each step failed, by its name."""
    wrong: list[str] = field(default_factory=list)


@contextmanager
def every_statement_fails_first() -> Iterator[Met]:
    """Within it each step of every ledger fails at its first, second … statement with each error
    and goes through only then. What a failing one leaves behind, or says wrongly, is ``wrong``."""
    met = Met()
    honest = Writer.transact

    def transact(writer: Writer, name: str, work: Callable[[Step], T]) -> T:
        real, before = writer.db, writer.db.serialize()
        for nth, error in ((nth, error) for nth in count(1) for error in ERRORS):
            failing = FailingConnection(real, nth, error)
            writer.db = cast(sqlite3.Connection, failing)
            try:
                return honest(writer, name, work)
            except Failure as failure:
                if not failing.failed:
                    raise  # the step refuses by itself
                if failure.words.values.get("cause") != error:
                    met.wrong.append(f"{name}, statement {nth}, {error}: it says {failure}")
            finally:
                writer.db = real
            writer._broken = None  # as after a restart
            met.steps[name] += 1
            if real.in_transaction or real.serialize() != before:
                met.wrong.append(f"{name}, statement {nth}, {error}: something stays behind")
        raise AssertionError("counting has no end")

    with patch.object(Writer, "transact", transact):
        yield met

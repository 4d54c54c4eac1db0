"""The ledger for commands that only look at it; works beside a running terminal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from pos_terminal.config import Config
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.books import journal
from pos_terminal.services.ledger.connect import failure_of, open_reader
from pos_terminal.services.ledger.faces import Reads
from pos_terminal.services.ledger.migrations import readable


def check_owner(ledger: Reads) -> None:
    """Failure ``ledger.foreign`` where it is not the ledger of the configuration's terminal."""
    ours = {"merchant_id": ledger.home.merchant_id, "terminal_id": ledger.home.terminal_id}
    for key, stored in journal.owner(ledger.db).items():
        if stored != ours.get(key, stored):
            raise Failure("ledger.foreign", what=key, found=stored, ours=ours[key])


@contextmanager
def read_ledger(config: Config) -> Iterator[Reads]:
    """Questions to the ledger of this configuration, without its lock and its audit key.

    Failure ``ledger.missing`` where there is none yet, ``ledger.unreadable`` where its folder may
    not be looked into, ``ledger.damaged`` for another file, ``ledger.newer``, ``ledger.older`` or
    ``ledger.not_migrated`` for that of a version that this one can't read: looking migrates
    nothing.
    """
    path = config.ledger
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise Failure("ledger.missing", file=str(path)) from None
    except OSError as error:
        cause = error.strerror or "stat"
        raise Failure("ledger.unreadable", file=str(path), cause=cause) from None
    try:
        db = open_reader(path)
        try:
            readable(db, str(path))
            yield Reads(db, config.home)
        finally:
            db.close()
    except sqlite3.Error as error:
        unfit = Failure("ledger.damaged", file=str(path), cause=str(error))
        raise failure_of(error, path) or unfit from None

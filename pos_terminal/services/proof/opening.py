"""The ledger opened: held against its log before anything is written, then moved into."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from pos_terminal.config import Config
from pos_terminal.core.case import CaseKind
from pos_terminal.core.home import Home
from pos_terminal.core.local_time import local
from pos_terminal.core.words import Failure
from pos_terminal.ports import Clock, Runner, Tokens
from pos_terminal.services.ledger import audit, migrations
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.connect import failure_of, open_reader, open_writer
from pos_terminal.services.ledger.faces import Reads
from pos_terminal.services.ledger.lock import Lock
from pos_terminal.services.ledger.migrations import migrate
from pos_terminal.services.ledger.read_only import check_owner
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.ledger.writer import Writer
from pos_terminal.services.proof import doubt
from pos_terminal.services.proof.verify import verify, verify_at_start, verify_migrated

if TYPE_CHECKING:
    from pos_terminal.services.ledger.ports import CardVault
    from pos_terminal.services.security.security import Security

T = TypeVar("T")


class SystemClock:
    """``ports.Clock`` of a tool that moves no money: the machine's own, in the shop's zone."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def now(self) -> datetime:
        return local(datetime.now(UTC), self._zone)

    def monotonic(self) -> float:
        return monotonic()


_NO_OTHERS: Final[Mapping[CaseKind, int]] = {}


async def inline(function: Callable[[], T]) -> T:
    """A ``ports.Runner`` for a tool, which has nothing else to do meanwhile."""
    return function()


def open_ledger(
    path: Path,
    *,
    clock: Clock,
    runner: Runner,
    vault: CardVault | None,
    tokens: Tokens | None,
    merchant_id: str,
    terminal_id: str,
    zone: tzinfo,
    audit_key: bytes,
    auth_code: tuple[int, int] = (6, 6),
    due_days: Mapping[CaseKind, int] = _NO_OTHERS,
    lock: Lock | None = None,
) -> LedgerStore:
    """The ledger in ``path``, made or brought to this version, locked for this process.

    ``runner`` runs every write: one thread of its own, or inline under virtual time. Without a
    vault nothing can be sealed; without tokens no full card number can be imported. A ``lock``
    that is held already is taken over, and let go with the ledger or on a failure. Failure
    ``ledger.locked``, ``ledger.newer``, ``ledger.foreign`` (another terminal's),
    ``ledger.damaged``, ``ledger.tampered``, ``ledger.rolled_back`` and those of the disk. A ledger
    of an earlier version that does not hold in this one stays as it was. What was being entered
    when the last process ended is cancelled here; what was being printed waits for
    ``slips.interrupted``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = lock or Lock(path)
    home = Home(merchant_id, terminal_id, zone, auth_code, due_days)

    def hold(found: int) -> None:
        """What an older ledger has become, before it becomes that: ours, and as its log says."""
        check_owner(Reads(db, home))
        facts = {"before": found, "after": migrations.VERSION}
        audit.append(db, audit_key, clock.now(), "migrated", facts, after=audit.newest(db))
        verify_migrated(db, path, audit_key)

    try:
        db = open_writer(path)
        migrate(db, str(path), hold)
        reads = open_reader(path)
        # before anything but a new schema is written: a changed ledger stays as it was found
        _hold_against_its_log(reads, path, audit_key)
        writer = Writer(db, path, clock=clock, home=home, vault=vault, audit_key=audit_key)
        # also puts the barrier of a fresh WAL's header here, and not on the first refund
        writer.transact("opened", _move_in)
    except sqlite3.Error as error:
        lock.release()
        # the file is not what this program wrote: nothing else is asked of it here
        unfit = Failure("ledger.damaged", file=str(path), cause=str(error))
        raise failure_of(error, path) or unfit from error
    except BaseException:
        lock.release()
        raise
    return LedgerStore(writer, reads, runner=runner, clock=clock, tokens=tokens, lock=lock)


def _hold_against_its_log(db: sqlite3.Connection, path: Path, key: bytes) -> None:
    """The newest of it; all of it where something was found before, until all of it holds."""
    verify_at_start(db, path, key)
    if doubt.noted(path):
        verify(path, key)
        doubt.clear(path)


def _move_in(step: Step) -> None:
    """Whose ledger it is, a row for every key slot, no drafts: what each book begins with."""
    for book in shelf.BOOKS:
        if book.begins is not None:
            book.begins(step)
    step.log("opened", merchant_id=step.home.merchant_id, terminal_id=step.home.terminal_id)


def open_own_ledger(
    config: Config,
    security: Security,
    clock: Clock,
    runner: Runner,
    lock: Lock | None = None,
    *,
    auth_code: tuple[int, int] = (6, 6),
) -> LedgerStore:
    """``open_ledger`` for this terminal. Failures as there."""
    return open_ledger(
        config.ledger,
        clock=clock,
        runner=runner,
        vault=security.vault,
        tokens=security.tokens,
        merchant_id=config.terminal.merchant_id,
        terminal_id=config.terminal.terminal_id,
        zone=config.terminal.zone,
        audit_key=security.keystore.audit_key,
        auth_code=auth_code,
        due_days=config.cases.due_days,
        lock=lock,
    )

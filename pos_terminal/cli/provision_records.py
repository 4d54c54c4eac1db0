"""What provisioning leaves in the ledger: the batch number, and who changed what when."""

from __future__ import annotations

import asyncio
import os
import pwd
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from pos_terminal.config import Config
from pos_terminal.core.words import Failure
from pos_terminal.services.ledger.connect import failure_of, open_reader
from pos_terminal.services.ledger.faces import Reads
from pos_terminal.services.ledger.lock import Lock
from pos_terminal.services.ledger.migrations import readable
from pos_terminal.services.proof.opening import SystemClock, inline, open_own_ledger
from pos_terminal.services.security.files import private_folder, unreadable
from pos_terminal.services.security.security import Security
from pos_terminal.services.security.wiping import wipe


@contextmanager
def alone(config: Config) -> Iterator[None]:
    """While nobody else uses the data folder. Failure ``ledger.locked`` where a terminal runs,
    ``provision.user`` where its files would come to belong to somebody else."""
    try:
        private_folder(config.data_dir)
        owner = config.data_dir.stat().st_uid
    except OSError as error:
        raise unreadable(config.data_dir, error) from None
    if owner != os.geteuid():
        raise Failure("provision.user", folder=str(config.data_dir), owner=_name(owner))
    lock = Lock(config.ledger)
    try:
        yield
    finally:
        lock.release()


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def record(
    config: Config, kind: str, facts: Mapping[str, str | int], batch: str | None = None
) -> None:
    """An audit entry of ``kind``, and the batch number where one was given.

    Opens the ledger, which is made where there is none.
    """
    asyncio.run(_record(config, kind, facts, batch))


async def _record(
    config: Config, kind: str, facts: Mapping[str, str | int], batch: str | None
) -> None:
    security = Security.assemble(config)
    try:
        ledger = open_own_ledger(config, security, SystemClock(config.terminal.zone), inline)
        try:
            if batch is not None:
                await ledger.counter.resequence(batch)
            await ledger.journal.note(kind, facts)
        finally:
            ledger.close()
    finally:
        security.close()


def pending(config: Config) -> int:
    """How many refunds and reversals still need their sealed card data.

    Failure ``ledger.older``, ``ledger.newer`` or ``ledger.not_migrated``: what this version can't
    read it wipes no keys of.
    """
    if not config.ledger.exists():
        return 0
    try:
        with closing(open_reader(config.ledger)) as reader:
            readable(reader, str(config.ledger))
            return len(Reads(reader, config.home).refunds.open_ones())
    except sqlite3.Error as error:
        unfit = Failure("ledger.damaged", file=str(config.ledger), cause=str(error))
        raise failure_of(error, config.ledger) or unfit from None


def refuse_other_ledger(config: Config) -> None:
    """Failure ``provision.old_ledger`` where new keys would meet a ledger of older ones."""
    if config.ledger.exists():
        raise Failure("provision.old_ledger", file=str(config.ledger))


def undo(config: Config, before: Collection[Path]) -> None:
    """A first provisioning whose ledger the disk refused: nothing of it stays, so that it can be
    done again once there is room. ``before`` is what was in the data folder."""
    with alone(config):
        wipe(config.data_dir)
        for path in config.data_dir.iterdir():
            if path.is_file() and path not in before:
                path.unlink()

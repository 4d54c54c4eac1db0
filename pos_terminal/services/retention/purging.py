"""The purge (R54): what is older than ``[retention]`` goes, class by class, while nobody waits.

Once a day, when nothing was written for a while and no refund is on its way, in commits of a few
rows each through the ledger's one door, so that whoever comes meanwhile waits for one of them at
most. Where nothing is due, nothing is written. What was erased is gone from the files once the
WAL was emptied after it. Stopped at any moment, the next run goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from pos_terminal.config import Config, Retention
from pos_terminal.core.words import Failure, Words
from pos_terminal.ports import Clock, TrustedClock
from pos_terminal.services.ledger.books import shelf
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.retention import purge_files
from pos_terminal.services.retention.purge_aged import PurgeAged
from pos_terminal.services.retention.purge_sales import PurgeLeftovers, PurgeLoose, PurgeSales
from pos_terminal.services.security.tokens import key_id
from pos_terminal.texts import technician

log = logging.getLogger(__name__)

DAY: Final = 24 * 3600.0
AGAIN: Final = 3600.0
"""Seconds until it is tried again: the clock was in doubt, or the disk failed."""
PAUSE: Final = 0.05
"""Between two commits, so that the disk has room for others."""
TRIES: Final = 3
"""At emptying the WAL, should a reader be in the way; then whoever tidies next does it."""
LEAP: Final = timedelta(days=60)
"""Between two entries of the log no shop is shut for longer: the clock may have been set forward. A
sign-on would not notice, because the acquirer tells no year (field 13 is MMDD)."""
NOTICED: Final = timedelta(days=7)
"""After so long somebody has seen a wrong year on the screen and on slips."""
WAL_COMMITS: Final = 20
"""After so many the WAL is brought in, so that it stays small."""


class Class(Protocol):
    """One run over one class of data."""

    name: Any

    def find(self, db: sqlite3.Connection) -> Sequence[Any] | None:
        """The next ones that may go, perhaps none of those looked at; None at the end."""

    def write(self, step: Step, found: Any) -> int:
        """Purge those that may still go, with the entry that says so; how many."""


class Purger:
    """Purges one ledger, and the folders of the feed's files."""

    def __init__(
        self,
        store: LedgerStore,
        retention: Retention,
        *,
        clock: Clock,
        doubt: Callable[[], Words | None],
        ntp: Callable[[], bool],
        folders: Sequence[Path] = (),
        forget_token_keys: Callable[[int], Sequence[bytes]] = lambda _: (),
    ) -> None:
        """``doubt``: why the clock can't be trusted (R70), by which nothing is purged then.

        ``ntp``: whether NTP keeps it, so that its year is right, however long nothing was written.
        """
        self._store = store
        self._retention = retention
        self._clock = clock
        self._doubt = doubt
        self._ntp = ntp
        self._folders = folders
        self._forget_token_keys = forget_token_keys
        self._commits = 0
        self._seen = 0

    @classmethod
    def of(
        cls,
        config: Config,
        store: LedgerStore,
        clock: TrustedClock,
        *,
        ntp: Callable[[], bool],
        forget_token_keys: Callable[[int], Sequence[bytes]],
    ) -> Purger:
        """This terminal's."""
        return cls(
            store,
            config.retention,
            clock=clock,
            doubt=lambda: clock.doubt,
            ntp=ntp,
            folders=feed_folders(config),
            forget_token_keys=forget_token_keys,
        )

    async def run(self) -> None:
        """Background: soon after the start, then once a day. Until cancelled."""
        while True:
            await self._store.tidy.rest()
            try:
                done = await self.once()
            except Failure as failure:
                log.warning("purge: %s", technician(failure.words))
                await asyncio.sleep(AGAIN)
                continue
            if any(done.values()):
                log.info("purged: %s", ", ".join(f"{n} {name}" for name, n in done.items()))
            await asyncio.sleep(DAY)

    async def once(self) -> Mapping[str, int]:
        """All that is due, by class. Failure ``clock.…`` (the time is in doubt), ``ledger.…``."""
        doubt = self._doubt()
        if doubt is not None:
            raise Failure.of(doubt)
        if not self._ntp():
            await self._no_leap()
        self._commits, self._seen = 0, self._store.tidy.writes
        done: dict[str, int] = {}
        for one in classes(self._retention, self._clock.now()):
            done[one.name] = done.get(one.name, 0) + await self._all_of(one)
        done["files"] = await self._files()
        await self._token_keys()
        for _ in range(TRIES):
            if not self._store.tidy.owes_empty_wal:
                break
            await self._store.tidy.once()
        return done

    async def _no_leap(self) -> None:
        """Failure ``clock.leapt`` until people had time to notice a clock that went too far."""
        now, read = self._clock.now(), self._store.writer.read
        found = await self._store.blocking(lambda: read(lambda db: last_leap(db, now)))
        if found is None:
            return
        last, since = found
        if since is None:
            keep = self._retention
            waiting = await self._store.blocking(lambda: read(lambda db: due(db, keep, now)))
            if any(waiting.values()):
                # where nobody works nothing is written: this entry is what the days count from
                await self._store.journal.note("purge_put_off", {"last": last.isoformat()})
        until = (since or now) + NOTICED
        raise Failure(
            "clock.leapt", last=f"{last:%Y-%m-%d}", now=f"{now:%Y-%m-%d}", until=f"{until:%Y-%m-%d}"
        )

    async def _all_of(self, one: Class) -> int:
        count = 0
        read = self._store.writer.read
        while (found := await self._store.blocking(lambda: read(one.find))) is not None:
            if found:
                count += await self._commit(one, found)
        return count

    async def _commit(self, one: Class, found: Sequence[Any]) -> int:
        await self._give_way()
        self._seen += 1
        count = await self._store.step(f"purge.{one.name}", lambda step: one.write(step, found))
        self._commits += 1
        self._store.tidy.erased()
        if self._commits % WAL_COMMITS == 0:
            await self._store.tidy.once()
        return count

    async def _give_way(self) -> None:
        """Behind everybody else: who wrote since may go on first."""
        if self._commits:
            await asyncio.sleep(PAUSE)
        if self._store.tidy.writes != self._seen:
            await self._store.tidy.rest()
            self._seen = self._store.tidy.writes

    async def _token_keys(self) -> None:
        """Those under which no sale is found any more (``KeyStore.forget_token_keys``)."""
        before = days_before(self._clock.now(), self._retention.sales_days)
        forget = self._forget_token_keys
        gone = await self._store.blocking(lambda: forget(int(before.timestamp())))
        for key in gone:
            await self._store.journal.note("token_key_forgotten", {"key_id": key_id(key)})

    async def _files(self) -> int:
        before = days_before(self._clock.now(), self._retention.files_days)
        old = await self._store.blocking(lambda: list(purge_files.old(self._folders, before)))
        if not old:
            return 0
        await self._store.blocking(lambda: purge_files.remove(old))
        self._seen += 1
        await self._store.step(
            "purge.files", lambda step: purge_files.write_down(step, before, len(old))
        )
        return len(old)


def last_leap(db: sqlite3.Connection, now: datetime) -> tuple[datetime, datetime | None] | None:
    """The log's entries before and after a ``LEAP`` within ``NOTICED``, the later one None where
    nothing was written since; None where there was no leap."""
    day = (now - NOTICED).date().isoformat()
    before = db.execute(
        "SELECT seq, at FROM audit WHERE substr(at, 1, 10) < ? ORDER BY seq DESC LIMIT 1", (day,)
    ).fetchone()
    if before is None:
        return None
    after = db.execute("SELECT at FROM audit WHERE seq = ?", (before["seq"] + 1,)).fetchone()
    last = datetime.fromisoformat(before["at"])
    since = None if after is None else datetime.fromisoformat(after["at"])
    return (last, since) if (since or now) - last > LEAP else None


def classes(retention: Retention, now: datetime) -> Iterator[Class]:
    """A run over everything in the ledger, in the order in which one must come after another."""

    refunds, sales = (days_before(now, n) for n in (retention.refunds_days, retention.sales_days))
    yield from _aged(retention, now, last=False)
    yield PurgeSales(sales, refunds)
    yield from (PurgeLoose(one, sales, refunds) for one in shelf.loose())
    yield from (PurgeLeftovers(kind, sales) for kind in shelf.leftovers())
    yield from _aged(retention, now, last=True)


def _aged(retention: Retention, now: datetime, *, last: bool) -> Iterator[Class]:
    for one in shelf.aged():
        if one.last is last:
            yield PurgeAged(one, days_before(now, one.days(retention)))


def days_before(now: datetime, days: int) -> datetime:
    """What is from before this moment, or its day, has been kept for its days."""
    return now - timedelta(days=days)


def due(db: sqlite3.Connection, retention: Retention, now: datetime) -> Mapping[str, int]:
    """How many of each class would go now; nothing is written.

    What goes with another class (facts that are kept only for a sale, say) is counted once that
    other one is gone.
    """
    done: dict[str, int] = {}
    for one in classes(retention, now):
        done.setdefault(one.name, 0)
        while (found := one.find(db)) is not None:
            done[one.name] += len(found)
    return done


def feed_folders(config: Config) -> Sequence[Path]:
    """Where the inboxes keep what they took in and what they refused."""
    folders = [purge_files.refused_folder(config)]
    if config.sales.inbox is not None:
        folders.append(config.path(config.sales.inbox) / purge_files.DONE)
    ends = (purge_files.DONE, purge_files.REFUSED)
    return [*folders, *(config.outcomes / end for end in ends)]

"""The inbox folder: what is dropped there is taken in by itself (R9, R32).

A file of the sales feed, or one of the acquirer's outcomes: its first record or its column names
tell which. What was taken in goes to ``done/`` (or is wiped, where it held card numbers), what was
refused to ``refused/`` with the reasons beside it in ``NAME.errors.txt``. ``NAME.notes.txt`` beside
a file of outcomes says which of them changed nothing. While the ledger itself fails, files stay
where they are. A file that is still being written is not looked at: only its closing, or a move
into the folder, wakes the inbox.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Final, Protocol

from pos_terminal.core.effect import Effect
from pos_terminal.core.words import Failure, FileFailure, say
from pos_terminal.ports.books.feed import ImportReport
from pos_terminal.ports.books.outcomes import OutcomeReport
from pos_terminal.services.intake.feed_files import FeedFile, format_of, read_file, wipe
from pos_terminal.services.intake.outcome_files import is_outcome_file, read_text
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.retention.purge_files import DONE, REFUSED
from pos_terminal.texts import technician
from pos_terminal.texts.problems import reason
from pos_terminal.wire.feed.outcome import OutcomeFile
from pos_terminal.wire.feed.outcomes import parse

log = logging.getLogger(__name__)

ENDINGS: Final = frozenset({".jsonl", ".csv"})


class Watch(Protocol):
    """Wakes the inbox until it is closed."""

    def close(self) -> None: ...


class Inbox:
    """One folder, watched while ``run`` is running."""

    def __init__(
        self,
        folder: Path,
        ledger: LedgerStore,
        *,
        allow_pan: bool,
        watch: Callable[[Path, Callable[[], None]], Watch],
        outcomes: Callable[[OutcomeFile], Awaitable[OutcomeReport]],
    ) -> None:
        self._folder = folder
        self._ledger = ledger
        self._allow_pan = allow_pan
        self._watch = watch
        self._outcomes = outcomes
        self._dropped = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled: everything that is there, then whatever is dropped. OSError."""
        for folder in (self._folder, self._folder / DONE, self._folder / REFUSED):
            folder.mkdir(parents=True, exist_ok=True)
        watch = self._watch(self._folder, self._dropped.set)
        try:
            self._dropped.set()
            while True:
                await self._dropped.wait()
                self._dropped.clear()
                for path in self._files():
                    await self._take(path)
        finally:
            watch.close()

    def _files(self) -> Iterator[Path]:
        """Oldest name first; hidden files are half-written ones of careful writers."""
        for path in sorted(self._folder.iterdir()):
            if path.suffix.lower() in ENDINGS and path.is_file() and path.name[0] != ".":
                yield path

    async def _take(self, path: Path) -> None:
        try:
            if await self._ledger.blocking(lambda: is_outcome_file(path)):
                await self._take_outcomes(path)
            else:
                await self._take_sales(path)
        except FileFailure as failure:
            self._refuse(path, [technician(failure.words)])
        except Failure as failure:
            # a full disk is no fault of the file: it waits for the next drop or start
            log.error("inbox: %s waits: %s", path.name, technician(failure.words))

    async def _take_sales(self, path: Path) -> None:
        file = await self._ledger.blocking(lambda: self._read(path))
        report = await self._ledger.feed.take_in(
            file.lines, source=path.name, form=file.form, allow_pan=self._allow_pan
        )
        if report.imported:
            self._finish(file)
            self._say_taken(path, report)
            return
        self._refuse(path, [f"line {p.line}: {reason(p)}" for p in report.problems])

    async def _take_outcomes(self, path: Path) -> None:
        home = self._ledger.home
        file = await self._ledger.blocking(
            lambda: parse(read_text(path), format_of(path), path.name, home)
        )
        report = await self._outcomes(file)
        if not report.imported:
            self._refuse(path, [f"line {p.line}: {reason(p)}" for p in report.problems])
            return
        self._finish_outcomes(path, [f"line {n.line}: {n.reason}" for n in report.notes()])
        concluded = report.count(Effect.CONCLUDED)
        log.info("inbox: %s taken in, %d outcomes concluded", path.name, concluded)

    def _finish_outcomes(self, path: Path, notes: list[str]) -> None:
        done = _free(self._folder / DONE / path.name)
        if notes:
            log.warning("inbox: %s: %s", path.name, "; ".join(notes[:3]))
            done.with_name(f"{done.name}.notes.txt").write_text("\n".join(notes) + "\n", "utf-8")
        _keep(path, done)

    def _read(self, path: Path) -> FeedFile:
        return read_file(path, self._ledger.home.merchant_id, self._allow_pan)

    def _finish(self, file: FeedFile) -> None:
        if file.holds_pan:
            wipe(file)
            return
        _keep(file.path, _free(self._folder / DONE / file.path.name))

    def _say_taken(self, path: Path, report: ImportReport) -> None:
        if report.records == 0:
            log.warning("inbox: %s", technician(say("feed.empty", file=path.name)))
            return
        log.info("inbox: %s taken in, %d sales added", path.name, report.added)
        if report.expired:
            log.warning("inbox: %s: %d records older than is kept", path.name, report.expired)

    def _refuse(self, path: Path, reasons: list[str]) -> None:
        """Beside each other: the file as it came, and why it was refused, line by line."""
        log.warning("inbox: %s refused: %s", path.name, "; ".join(reasons[:3]))
        kept = _free(self._folder / REFUSED / path.name)
        kept.with_name(f"{kept.name}.errors.txt").write_text("\n".join(reasons) + "\n", "utf-8")
        _keep(path, kept)


def _keep(path: Path, kept: Path) -> None:
    """Its age counts from now on: the purge goes by it."""
    path.replace(kept)
    os.utime(kept)


def _free(path: Path) -> Path:
    """The path, or the first with a number that nothing has yet: no file replaces another."""
    if not path.exists():
        return path
    numbered = (path.with_name(f"{path.stem}.{n}{path.suffix}") for n in count(2))
    return next(other for other in numbered if not other.exists())

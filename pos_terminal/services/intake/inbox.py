"""The inbox folder: files of sales that are dropped there are taken in by themselves (R9).

What was taken in goes to ``done/`` (or is wiped, where it held card numbers), what was refused to
``refused/`` with the reasons beside it in ``NAME.errors.txt``; so is a file of the acquirer's
outcomes, by its first record or its column names: who brings sales tells none. While the ledger
itself fails, files stay where they are. Whatever a file is, the next one has its turn: one that
nothing can be made of is refused, one that can't be moved away stays, and is looked at again once
it has changed. A file that is still being written is not looked at: only its closing, or a move
into the folder, wakes the inbox.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol

from pos_terminal.core.words import Failure, FileFailure, say
from pos_terminal.ports.books.feed import ImportReport
from pos_terminal.services.intake.aside import identity, is_plain, put, shown
from pos_terminal.services.intake.feed_files import FeedFile, read_file, wipe
from pos_terminal.services.intake.outcome_files import is_outcome_file
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.retention.purge_files import DONE, REFUSED
from pos_terminal.texts import technician
from pos_terminal.texts.problems import reason

log = logging.getLogger(__name__)

_PASSING: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""With the next drop there may be room again."""
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
    ) -> None:
        self._folder = folder
        self._ledger = ledger
        self._allow_pan = allow_pan
        self._watch = watch
        self._dropped = asyncio.Event()
        self._stuck: dict[str, tuple[int, ...] | None] = {}
        """Files that can't be moved away, by name, as they were then."""

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
                    try:
                        await self._take(path)
                    except OSError as error:
                        self._leave(path, error)
        finally:
            watch.close()

    def _files(self) -> Iterator[Path]:
        """Oldest name first; hidden files are half-written ones of careful writers."""
        there = sorted(self._folder.iterdir())
        self._stuck = {
            path.name: self._stuck[path.name] for path in there if path.name in self._stuck
        }
        for path in there:
            if path.suffix.lower() not in ENDINGS or path.name[0] == "." or path.is_dir():
                continue
            if path.name not in self._stuck or self._stuck[path.name] != identity(path):
                yield path

    def _leave(self, path: Path, error: OSError) -> None:
        """It can't be moved: said once, and not tried again as it is."""
        found = identity(path)
        if found is None:
            return  # whoever dropped it took it back
        if error.errno not in _PASSING:
            self._stuck[path.name] = found
        words = say("feed.stuck", file=shown(path), cause=error.strerror or "move")
        log.error("inbox: %s", technician(words))

    async def _take(self, path: Path) -> None:
        """OSError where it can't be moved away afterwards."""
        try:
            if not is_plain(path):
                raise FileFailure("feed.no_file", file=shown(path))
            if await self._ledger.blocking(lambda: is_outcome_file(path)):
                raise FileFailure("outcomes.wrong_inbox", file=shown(path))
            await self._take_sales(path)
        except FileFailure as failure:
            self._refuse(path, [technician(failure.words)])
        except Failure as failure:
            # a full disk is no fault of the file: it waits for the next drop or start
            log.error("inbox: %s waits: %s", shown(path), technician(failure.words))
        except OSError:
            raise
        except Exception:  # a defect of ours, or too deep and too large for us: it is this file's
            log.exception("inbox: %s", shown(path))
            self._refuse(path, [technician(say("feed.not_understood", file=shown(path)))])

    async def _take_sales(self, path: Path) -> None:
        file = await self._ledger.blocking(lambda: self._read(path))
        report = await self._ledger.feed.take_in(
            file.lines, source=shown(path), form=file.form, allow_pan=self._allow_pan
        )
        if report.imported:
            self._finish(file)
            self._say_taken(path, report)
            return
        self._refuse(path, [f"line {p.line}: {reason(p)}" for p in report.problems])

    def _read(self, path: Path) -> FeedFile:
        return read_file(path, self._ledger.home.merchant_id, self._allow_pan)

    def _finish(self, file: FeedFile) -> None:
        if file.holds_pan:
            wipe(file)
            return
        put(file.path, self._folder / DONE, "", ())

    def _say_taken(self, path: Path, report: ImportReport) -> None:
        if report.records == 0:
            log.warning("inbox: %s", technician(say("feed.empty", file=shown(path))))
            return
        log.info("inbox: %s taken in, %d sales added", shown(path), report.added)
        if report.expired:
            log.warning("inbox: %s: %d records older than is kept", shown(path), report.expired)

    def _refuse(self, path: Path, reasons: list[str]) -> None:
        """Beside each other: the file as it came, and why it was refused, line by line."""
        log.warning("inbox: %s refused: %s", shown(path), "; ".join(reasons[:3]))
        put(path, self._folder / REFUSED, ".errors.txt", reasons)

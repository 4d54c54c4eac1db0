"""The inbox folder: files of sales that are dropped there are taken in by themselves (R9).

What was gone through goes to ``done/`` (or is wiped, where it held card numbers). Bad records, and
whatever is of another kind, lie in ``refused/`` with the reasons beside them in
``NAME.errors.txt``; so does a file of the acquirer's outcomes, by its first record or its column
names: who brings sales tells none. While the ledger itself fails, files stay where they are.
Whatever a file is, the next one has its turn: one that can't be moved away stays, and is looked at
again once it has changed. A file that is still being written is not looked at: only its closing, or
a move into the folder, wakes the inbox.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from pos_terminal.core.words import Failure, FileFailure, say
from pos_terminal.ports.books.feed import ImportReport
from pos_terminal.services.intake.aside import identity, is_plain, put, shown
from pos_terminal.services.intake.feed_files import FeedFile, wipe
from pos_terminal.services.intake.outcome_files import is_outcome_file
from pos_terminal.services.intake.refused import ERRORS, said
from pos_terminal.services.intake.taking import Intake
from pos_terminal.services.intake.watched import Watched, WatchFolder
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.retention.purge_files import DONE, REFUSED
from pos_terminal.texts import technician
from pos_terminal.texts.problems import reason
from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.problem import Problem

log = logging.getLogger(__name__)

_PASSING: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""With the next drop there may be room again."""


class Inbox:
    """One folder, watched while ``run`` is running."""

    def __init__(
        self,
        folder: Path,
        ledger: LedgerStore,
        intake: Intake,
        *,
        allow_pan: bool,
        watch: WatchFolder,
    ) -> None:
        self._folder = folder
        self._ledger = ledger
        self._intake = intake
        self._allow_pan = allow_pan
        self._watched = Watched(folder, watch)
        self._stuck: dict[str, tuple[int, ...] | None] = {}
        """Files that can't be moved away, by name, as they were then."""

    async def run(self) -> None:
        """Until cancelled: all that is there, then whatever is dropped. Failure ``feed.folder``."""
        await self._watched.run(self._take_all)

    async def _take_all(self) -> None:
        for path in self._files():
            try:
                await self._take(path)
            except OSError as error:
                self._leave(path, error)

    def _files(self) -> Iterator[Path]:
        """Oldest name first; hidden files are half-written ones of careful writers."""
        there = sorted(self._folder.iterdir())
        self._stuck = {
            path.name: self._stuck[path.name] for path in there if path.name in self._stuck
        }
        for path in there:
            if path.name[0] == "." or (path.is_dir() and not path.is_symlink()):
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
            await self._look_at(path)
        except FileFailure as failure:
            await self._refuse(path, _why(failure))
        except Failure as failure:
            # a full disk is no fault of the file: it waits for the next drop or start
            log.error("inbox: %s waits: %s", shown(path), technician(failure.words))
        except OSError:
            raise
        except Exception:  # a defect of ours, or too deep and too large for us: it is this file's
            log.exception("inbox: %s", shown(path))
            await self._refuse(path, BadLine("file_defect"))

    async def _look_at(self, path: Path) -> None:
        reading = self._ledger.feed.reading
        if not is_plain(path):
            raise FileFailure("feed.plain", file=shown(path))
        with await reading(lambda: FeedFile(path)) as file:
            if await reading(lambda: is_outcome_file(path)):
                raise FileFailure("outcomes.wrong_inbox", file=shown(path))
            await self._take_sales(file)

    async def _take_sales(self, file: FeedFile) -> None:
        path, name = file.path, shown(file.path)
        whole = partial(put, path, self._folder / REFUSED, ERRORS)
        report, held = await self._intake.file(file, allow_pan=self._allow_pan, whole=whole)
        if await self._ledger.feed.reading(file.is_there):
            await self._ledger.feed.reading(lambda: self._finish(file, held=held))
        elif identity(path) is not None:
            log.warning("inbox: %s was written to while it was read: it is read again", name)
            self._watched.wake()
        _say_taken(name, report)

    def _finish(self, file: FeedFile, *, held: bool) -> None:
        """What was bad lies in ``refused/`` by now."""
        if held:
            wipe(file)
        else:
            put(file.path, self._folder / DONE, "", ())

    async def _refuse(self, path: Path, why: BadLine) -> None:
        """All of it, without its card numbers. OSError."""
        problem = Problem.of(0, why)
        log.warning("inbox: %s refused: %s", shown(path), reason(problem))
        whole = partial(put, path, self._folder / REFUSED, ERRORS, [said(problem)])
        if not is_plain(path):
            if identity(path) is not None:
                await self._intake.put_aside(path, problem, whole)
            return
        try:
            with FeedFile(path) as file:
                await self._intake.whole_file(file, problem, whole)
        except FileFailure as failure:  # it was taken back, or nobody may read it
            log.error("inbox: %s: %s", shown(path), technician(failure.words))
            if identity(path) is not None:
                await self._intake.put_aside(path, problem, whole)


def _why(failure: FileFailure) -> BadLine:
    """The same in both languages, for the file as a whole."""
    match failure.code:
        case "feed.format":
            return BadLine("file_format")
        case "feed.plain":
            return BadLine("file_link")
        case "outcomes.wrong_inbox":
            return BadLine("file_outcomes")
        case _:
            cause = failure.words.values.get("cause", failure.code)
            return BadLine("file_unreadable", cause=cause)


def _say_taken(name: str, report: ImportReport) -> None:
    if report.records == 0:
        log.warning("inbox: %s", technician(say("feed.empty", file=name)))
        return
    if report.imported:
        log.info("inbox: %s taken in, %d sales added", name, report.added)
    if report.expired:
        log.warning("inbox: %s: %d records older than is kept", name, report.expired)
    if report.refused:
        code = "feed.partly" if report.imported else "feed.refused"
        log.warning("inbox: %s", technician(say(code, file=name, problems=report.refused)))

"""The one way of records into the ledger, whoever brings them: the inbox, a command, a till (R9).

Good ones are taken; bad ones lie in ``refused/``, and are counted until somebody has seen to them.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pos_terminal.core.words import Failure
from pos_terminal.ports.books.feed import ImportReport, Refused
from pos_terminal.services.intake.aside import shown, shown_name
from pos_terminal.services.intake.feed_files import FeedFile, format_of, told, wipe
from pos_terminal.services.intake.refused import RefusedLines
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.wire.feed.lines import BENEATH, Format
from pos_terminal.wire.feed.problem import Problem
from pos_terminal.wire.feed.source import Line

_MOST_SALES: Final = 200
"""Of the bad records of a file, that are looked for later."""
Whole = Callable[[Path], Path]
"""Moves the file itself to ``refused/``, with this file of reasons beside it; where it lies."""


class Intake:
    """Into one ledger, with one folder for what is bad. One file after the other."""

    def __init__(
        self, ledger: LedgerStore, refused: Path, changed: Callable[[], None] = lambda: None
    ) -> None:
        """``changed`` is called when there are bad records that there were not."""
        self._ledger = ledger
        self._changed = changed
        self._refused = refused
        self._turn = asyncio.Lock()

    async def lines(
        self, lines: Iterable[Line], *, source: str, form: Format, allow_pan: bool
    ) -> tuple[ImportReport, bool]:
        """The report, and whether card numbers stood in the lines.

        Failure ``ledger.…``, ``feed.keep`` where bad ones can't be written down.
        """
        with self.keeping():
            return await self._take(
                lines,
                source=shown_name(source),
                form=form,
                allow_pan=allow_pan,
                all_or_nothing=False,
            )

    async def file(
        self,
        file: FeedFile,
        *,
        allow_pan: bool,
        form: Format | None = None,
        all_or_nothing: bool = False,
        whole: Whole | None = None,
    ) -> tuple[ImportReport, bool]:
        """As ``lines``. A file of which all is bad, and which has no card number, is moved by
        ``whole``. Failure ``feed.format``, ``feed.missing``; OSError where bad lines can't be kept.
        """
        return await self._take(
            file.lines(),
            source=shown(file.path),
            form=form or format_of(file.path),
            allow_pan=allow_pan,
            all_or_nothing=all_or_nothing,
            whole=whole,
        )

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Failure ``feed.keep`` in place of an OSError."""
        try:
            yield
        except OSError as error:
            cause = error.strerror or "write"
            raise Failure("feed.keep", folder=told(self._refused), cause=cause) from None

    async def _take(
        self,
        lines: Iterable[Line],
        *,
        source: str,
        form: Format,
        allow_pan: bool,
        all_or_nothing: bool,
        whole: Whole | None = None,
    ) -> tuple[ImportReport, bool]:
        async with self._turn:
            bad = _Bad(self._refused, source)
            try:
                report = await self._ledger.feed.take_in(
                    lines,
                    source=source,
                    form=form,
                    allow_pan=allow_pan,
                    keep=bad.add,
                    all_or_nothing=all_or_nothing,
                )
                moving = None if report.imported or bad.lines.masked else whole
                await self._note(bad, source, report.refused, report.problems, moving)
            finally:
                bad.lines.abandon()
            return report, report.held_pan or bad.lines.masked

    async def whole_file(self, file: FeedFile, problem: Problem, whole: Callable[[], Path]) -> None:
        """A file of which nothing can be read: all of it is kept, without its card numbers."""
        async with self._turn:
            bad = _Bad(self._refused, shown(file.path))
            try:
                await self._ledger.feed.reading(lambda: bad.add_all(file, problem))
                if bad.lines.masked:
                    await self._note(bad, shown(file.path), 1, (problem,), None)
                    await self._ledger.feed.reading(lambda: wipe(file))
                    return
            finally:
                bad.lines.abandon()
        await self.put_aside(file.path, problem, whole)

    async def put_aside(self, path: Path, problem: Problem, whole: Callable[[], Path]) -> None:
        """A file as it is. OSError."""
        source = shown(path)
        kept = await self._ledger.feed.reading(whole)
        digest = hashlib.sha256(os.fsencode(kept.name)).hexdigest()
        await self._say(Refused(source, shown(kept), 1, digest, (), problem))

    async def _note(
        self,
        bad: _Bad,
        source: str,
        count: int,
        problems: Sequence[Problem],
        whole: Whole | None,
    ) -> None:
        """Durably beside each other, then on the home screen. The same ones again are no news."""
        if not count:
            return
        known = self._ledger.feed.is_noted(bad.lines.digest)
        if whole is not None:
            kept = await self._ledger.feed.reading(lambda: whole(bad.lines.reasons()))
        elif not known:
            kept = await self._ledger.feed.reading(bad.lines.finish)
        if not known:
            first = problems[0]
            await self._say(
                Refused(source, shown(kept), count, bad.lines.digest, bad.sale_ids, first)
            )

    async def _say(self, refused: Refused) -> None:
        await self._ledger.feed.note_refused(refused)
        self._changed()


class _Bad:
    """The bad lines of one file, and whose sales they are."""

    def __init__(self, folder: Path, source: str) -> None:
        self.lines = RefusedLines(folder, source)
        self.sale_ids: list[str] = []

    def add(self, line: Line, problem: Problem, header: Line | None) -> None:
        if problem.code == BENEATH:
            self.lines.keep(line)
            return
        self.lines.add(line, problem, header)
        if problem.sale_id and len(self.sale_ids) < _MOST_SALES:
            self.sale_ids.append(problem.sale_id)

    def add_all(self, file: FeedFile, problem: Problem) -> None:
        for line in file.lines():
            self.lines.keep(line)
        self.lines.say(problem)

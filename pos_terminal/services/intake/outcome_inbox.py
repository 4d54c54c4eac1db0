"""The acquirer's own folder: what its files would settle waits for a supervisor (R32).

Files come in by the folder or over the control socket; those of the socket are put into the folder
first, so that all that waits lies there and outlives a restart. A file that would settle nothing is
taken at once, and so is every one with ``files = "trusted"``. What was taken goes to ``done/`` with
``NAME.notes.txt`` where lines of it changed nothing, what was refused to ``refused/`` with the
reasons in ``NAME.errors.txt``. What was shown is what is taken: a file that was changed meanwhile,
or would settle something else by now, is shown anew.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from pos_terminal.core.settling import Settling
from pos_terminal.core.words import Failure, FileFailure, say
from pos_terminal.ports.outcome_files import WaitingFile
from pos_terminal.services.intake.watched import Watched, WatchFolder, make_folders
from pos_terminal.services.ledger.store import LedgerStore
from pos_terminal.services.retention.purge_files import DONE, REFUSED
from pos_terminal.texts import technician

if TYPE_CHECKING:  # said to the type checker only: they come in with the first file
    from pos_terminal.ports.books.outcomes import OutcomeReport
    from pos_terminal.wire.feed.lines import Format
    from pos_terminal.wire.feed.outcome import OutcomeFile

log = logging.getLogger(__name__)

ENDINGS: Final = frozenset({".jsonl", ".csv"})
MOST_WAITING: Final = 20
"""Files that the socket may leave here; whoever has the folder itself is bounded by its quota."""
MOST_BYTES: Final = 16 * 1024 * 1024
"""Of one file, as of a request of the control socket."""


class Money(Protocol):
    """What a file comes to, and its taking."""

    def preview_file(self, file: OutcomeFile) -> OutcomeReport: ...

    async def conclude_by_file(
        self, file: OutcomeFile, shown: Settling | None = None, supervisor: str = ""
    ) -> OutcomeReport: ...


class _Lying(Struct):
    """A file that waits."""

    identity: tuple[int, ...] | None
    digest: str
    put_off: bool = False


class OutcomeInbox:
    """One folder. Fulfils ``ports.OutcomeFiles``."""

    def __init__(
        self,
        folder: Path,
        ledger: LedgerStore,
        money: Money,
        *,
        trusted: bool,
        watch: WatchFolder,
        changed: Callable[[], None],
    ) -> None:
        """``changed`` is told that another file waits."""
        self._folder = folder
        self._ledger = ledger
        self._money = money
        self._trusted = trusted
        self._watched = Watched(folder, watch)
        self._changed = changed
        self._turn = asyncio.Lock()
        self._lying: dict[str, _Lying] = {}
        self._stuck: dict[str, tuple[int, ...] | None] = {}
        """Files that can't be moved away, by name, as they were then."""

    async def run(self) -> None:
        """Until cancelled: all that is there, then whatever is dropped. Failure ``feed.folder``."""
        await self._watched.run(self._look_through)

    async def _look_through(self) -> None:
        async with self._turn:
            for path in self._new():
                await self._guarded(path, self._look(path))

    # --- over the control socket -----------------------------------------------------------

    async def receive(self, text: str, form: Format, source: str) -> OutcomeReport:
        """What it comes to, or what it would settle and waits for. Failure ``ledger.…``,
        ``outcomes.…``."""
        from pos_terminal.services.intake.aside import shown_name
        from pos_terminal.wire.feed import outcomes

        home, source = self._ledger.home, shown_name(source)
        file = await self._ledger.blocking(lambda: outcomes.parse(text, form, source, home))
        async with self._turn:
            report = await self._take_unless_it_waits(file)
            if report.waiting and all(one.digest != file.digest for one in self._lying.values()):
                make_folders(self._folder)
                path = await self._ledger.blocking(
                    lambda: keep(self._folder, text, form, source, file.digest)
                )
                self._wait(path, file)
        return report

    # --- at the counter --------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        return len(self._lying)

    def ask_anew(self) -> None:
        for one in self._lying.values():
            one.put_off = False

    def put_off(self, file: WaitingFile) -> None:
        for one in self._lying.values():
            one.put_off = one.put_off or one.digest == file.digest

    async def next(self) -> WaitingFile | None:
        async with self._turn:
            for name, lying in sorted(self._lying.items()):
                if lying.put_off:
                    continue
                found = await self._guarded(self._folder / name, self._look(self._folder / name))
                if found is not None:
                    return found
        return None

    async def take(self, file: WaitingFile, supervisor: str) -> bool:
        async with self._turn:
            path = self._path_of(file)
            if path is None:
                return True  # whoever dropped it took it back
            read = await self._read(path)
            if read.digest != file.digest:
                self._wait(path, read)
                return False
            report = await self._money.conclude_by_file(read, file.settling, supervisor)
            if not report.waiting:
                await self._finish(path, report)
            return not report.waiting

    async def refuse(self, file: WaitingFile, supervisor: str) -> None:
        async with self._turn:
            path = self._path_of(file)
            if path is None:
                return
            facts = {"source": file.name, "digest": file.digest, "supervisor": supervisor}
            await self._ledger.journal.note("outcomes_refused", facts)
            await self._refuse(path, [f"not taken, by supervisor {supervisor} at the counter"])

    # --- one file --------------------------------------------------------------------------

    def _new(self) -> Iterator[Path]:
        """Oldest name first; hidden files are half-written ones of careful writers."""
        from pos_terminal.services.intake.aside import identity

        there = {path.name: path for path in sorted(self._folder.iterdir())}
        for known in (self._lying, self._stuck):
            for name in [name for name in known if name not in there]:
                del known[name]
        for name, path in there.items():
            if path.suffix.lower() not in ENDINGS or name[0] == "." or path.is_dir():
                continue
            seen = self._lying[name].identity if name in self._lying else self._stuck.get(name)
            if seen is None or seen != identity(path):
                yield path

    async def _guarded(self, path: Path, look: Awaitable[WaitingFile | None]) -> WaitingFile | None:
        """Whatever a file is, the next one has its turn."""
        from pos_terminal.services.intake.aside import identity, shown

        try:
            try:
                return await look
            except FileFailure as failure:
                await self._refuse(path, [technician(failure.words)])
            except Failure as failure:
                # a full disk is no fault of the file: it waits for the next drop or start
                log.error("outcomes: %s waits: %s", shown(path), technician(failure.words))
            except OSError:
                raise
            except Exception:
                log.exception("outcomes: %s", shown(path))
                await self._refuse(path, [technician(say("feed.not_understood", file=shown(path)))])
        except OSError as error:
            self._lying.pop(path.name, None)
            self._stuck[path.name] = identity(path)
            words = say("feed.stuck", file=shown(path), cause=error.strerror or "move")
            log.error("outcomes: %s", technician(words))
        return None

    async def _look(self, path: Path) -> WaitingFile | None:
        """What is to be shown of it; None where it is done with."""
        file = await self._read(path)
        report = await self._take_unless_it_waits(file)
        if not report.waiting:
            await self._finish(path, report)
            return None
        self._wait(path, file)
        return WaitingFile(file.source, file.digest, file.records, report.settling())

    async def _read(self, path: Path) -> OutcomeFile:
        from pos_terminal.services.intake import outcome_files

        home = self._ledger.home
        return await self._ledger.blocking(lambda: outcome_files.read(path, home, MOST_BYTES))

    async def _take_unless_it_waits(self, file: OutcomeFile) -> OutcomeReport:
        """Taken, or refused, where nobody need be asked."""
        if self._trusted:
            return await self._money.conclude_by_file(file)
        report = self._money.preview_file(file)
        if report.settling():
            return report.as_waiting()
        return await self._money.conclude_by_file(file, Settling())

    def _wait(self, path: Path, file: OutcomeFile) -> None:
        from pos_terminal.services.intake.aside import identity

        known = self._lying.get(path.name)
        if known is not None and known.digest == file.digest:
            known.identity = identity(path)
            return
        self._lying[path.name] = _Lying(identity(path), file.digest)
        log.info("outcomes: %s waits for a supervisor", file.source)
        self._changed()

    def _path_of(self, file: WaitingFile) -> Path | None:
        """Where it lies, whatever its content is by now."""
        names = [name for name, one in self._lying.items() if one.digest == file.digest]
        path = self._folder / names[0] if names else None
        if path is not None and not os.path.lexists(path):
            del self._lying[names[0]]
            return None
        return path

    async def _finish(self, path: Path, report: OutcomeReport) -> None:
        from pos_terminal.core.effect import Effect
        from pos_terminal.services.intake.aside import put
        from pos_terminal.texts.problems import reason

        if not report.imported:
            await self._refuse(path, [f"line {p.line}: {reason(p)}" for p in report.problems])
            return
        notes = [f"line {note.line}: {note.reason}" for note in report.notes()]
        put(path, self._folder / DONE, ".notes.txt", notes)
        self._lying.pop(path.name, None)
        source, concluded = report.file.source, report.count(Effect.CONCLUDED)
        log.info("outcomes: %s taken in, %d concluded", source, concluded)

    async def _refuse(self, path: Path, reasons: Sequence[str]) -> None:
        """It loses its card numbers. OSError."""
        from pos_terminal.services.intake.aside import shown
        from pos_terminal.services.intake.refused import refuse_whole

        log.warning("outcomes: %s refused: %s", shown(path), "; ".join(reasons[:3]))
        refused = self._folder / REFUSED
        await self._ledger.blocking(lambda: refuse_whole(path, refused, reasons))
        self._lying.pop(path.name, None)


def keep(folder: Path, text: str, form: Format, source: str, digest: str) -> Path:
    """A whole file of this content in the folder, durably; one that is there already is that.

    Failure ``outcomes.too_many``, ``outcomes.not_kept``.
    """
    from pos_terminal.services.intake import outcome_files

    there = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in ENDINGS and path.name[0] != "." and not path.is_dir()
    ]
    for path in there:
        if outcome_files.digest_of(path) == digest:
            return path
    if len(there) >= MOST_WAITING:
        raise Failure("outcomes.too_many", most=MOST_WAITING, folder=str(folder))
    return outcome_files.write(folder, text, form, source)

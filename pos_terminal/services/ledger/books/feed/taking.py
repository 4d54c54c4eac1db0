"""A file on its way into the ledger, some records at a time; nothing of it is kept longer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct, field

from pos_terminal.ports.books.feed import MOST_NAMED, ImportReport, Keep
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.entries import Event, SaleEntry
from pos_terminal.wire.feed.lines import BENEATH, Reader
from pos_terminal.wire.feed.problem import Problem
from pos_terminal.wire.feed.source import Line, of_text

MOST: Final = 500
"""Records of one commit,"""
MOST_BYTES: Final = 1 << 20
"""and about how much of a file it is made of."""
Told = tuple[Line, SaleEntry | Event | Problem]


class Taken(Struct):
    """What some records brought."""

    added: int = 0
    known: int = 0
    expired: int = 0
    events: int = 0
    problems: list[Problem] = field(default_factory=list)


class Taking:
    """One file: ``read``, ``entries``, ``add``, ``keep_bad``, and again; then ``report``."""

    def __init__(
        self,
        lines: Iterable[str] | Iterable[Line],
        source: str,
        reader: Reader,
        keep: Keep | None,
    ) -> None:
        self._lines = _numbered(lines)
        self._source = source
        self._reader = reader
        self._keep = keep
        self._sums = Taken()
        self._records = 0
        self._refused = 0
        self._named: list[Problem] = []
        self._bad: list[Problem] = []
        self._undone = False
        self.ended = False
        """All of the file was read."""

    def read(self) -> list[Told]:
        """The next records; none at the end."""
        told: list[Told] = []
        size = 0
        for line in self._lines:
            said = self._reader.read(line)
            size += len(line.data)
            if said is not None:
                told.append((line, said))
            if len(told) >= MOST or (told and size >= MOST_BYTES):
                break
        else:
            self.ended = True
        self._records += sum(not _is_beneath(said) for _, said in told)
        return told

    def entries(self, told: Sequence[Told]) -> list[SaleEntry | Event]:
        """Those that could be read; what is wrong with the others is noted."""
        self._bad += [said for _, said in told if isinstance(said, Problem)]
        return [said for _, said in told if not isinstance(said, Problem)]

    def add(self, taken: Taken) -> None:
        """What came of them."""
        sums = self._sums
        sums.added += taken.added
        sums.known += taken.known
        sums.expired += taken.expired
        sums.events += taken.events
        self._bad += taken.problems

    def keep_bad(self, told: Sequence[Told]) -> None:
        """Those that were refused, in the file's order. OSError."""
        bad, self._bad = sorted(self._bad, key=lambda one: one.line), []
        faults = [one for one in bad if not _is_beneath(one)]
        self._refused += len(faults)
        self._named += faults[: MOST_NAMED - len(self._named)]
        if self._keep is not None and bad:
            lines = {line.number: line for line, _ in told}
            for problem in bad:
                self._keep(lines[problem.line], problem, self._reader.header)

    def whole(
        self, step: Step, take_in: Callable[[Step, Sequence[SaleEntry | Event], str], Taken]
    ) -> None:
        """All of it in this step, or nothing."""
        with step.undoable() as undo:
            while told := self.read():
                entries = self.entries(told)
                if entries:
                    self.add(take_in(step, entries, self._source))
                self.keep_bad(told)
            if self._refused:
                undo()
                self._sums, self._undone = Taken(), True
                step.log("import_undone", source=self._source, problems=self._refused)

    def report(self) -> ImportReport:
        sums = self._sums
        return ImportReport(
            source=self._source,
            records=self._records,
            added=sums.added,
            known=sums.known,
            expired=sums.expired,
            events=sums.events,
            refused=self._refused,
            problems=tuple(self._named),
            held_pan=self._reader.held_pan,
            undone=self._undone,
        )


def _is_beneath(said: object) -> bool:
    """A line that is bad for its file's first line alone: that is one fault."""
    return isinstance(said, Problem) and said.code == BENEATH


def _numbered(lines: Iterable[str] | Iterable[Line]) -> Iterator[Line]:
    for number, line in enumerate(lines, 1):
        if isinstance(line, str):
            yield of_text(number, line.removeprefix("\ufeff") if number == 1 else line)
        elif isinstance(line, Line):
            yield line

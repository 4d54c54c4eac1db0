"""The sales feed: files of sales, and of what happened to them elsewhere (R9).

Imported with the first file, and not before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from pos_terminal.texts.problems import reason
from pos_terminal.wire.feed.problem import Problem

if TYPE_CHECKING:
    from pos_terminal.wire.feed.lines import Format
    from pos_terminal.wire.feed.source import Line

MOST_NAMED: Final = 1000
"""Problems that a report names; ``refused`` counts all of them."""
Keep = Callable[["Line", Problem, "Line | None"], None]
"""Keeps a bad line, with what is wrong with it and the file's line of column names."""


class ImportReport(Struct, frozen=True):
    """What became of the records of a file."""

    source: str
    records: int
    added: int = 0
    """New sales."""
    known: int = 0
    """Records that the ledger had already, with the same content."""
    expired: int = 0
    """Records older than the ledger keeps, of sales that it does not have: left out (R54)."""
    events: int = 0
    """New events: voided, refunded elsewhere, batch closed; sales that are now confirmed."""
    refused: int = 0
    """Bad records, of which nothing was taken."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with them, of the first ``MOST_NAMED``."""
    held_pan: bool = False
    """Some record had a full card number: the file is to be wiped."""
    undone: bool = False
    """All or nothing was asked for, and it is nothing."""

    @property
    def imported(self) -> bool:
        """Whether anything of it could be taken, or nothing was to be."""
        return not self.undone and (self.refused == 0 or self.refused < self.records)

    @property
    def whole(self) -> bool:
        """Whether all of it was taken."""
        return self.refused == 0

    def as_json(self) -> dict[str, object]:
        """For ``--json`` and the control socket."""
        return {
            "source": self.source,
            "imported": self.imported,
            "records": self.records,
            "added": self.added,
            "known": self.known,
            "expired": self.expired,
            "events": self.events,
            "refused": self.refused,
            "problems": [
                {"line": p.line, "sale_id": p.sale_id, "code": p.code, "reason": reason(p)}
                for p in self.problems
            ],
        }


class Refusal(Struct, frozen=True):
    """Bad records of a file, which lie in ``refused/`` until somebody sees to them."""

    number: int
    at: datetime
    name: str
    """Of the file in ``refused/``."""
    records: int
    """How many are still not in the ledger, as far as they name their sale."""
    first: Problem


class Refused(Struct, frozen=True):
    """What is noted of bad records when they have been kept."""

    source: str
    name: str
    records: int
    digest: str
    """SHA-256 of them: the same ones again are no news."""
    sale_ids: Sequence[str]
    first: Problem


class FeedReads(Protocol):
    """Questions about the feed."""

    def refused(self) -> int:
        """Bad records that nobody has seen to."""

    def refusals(self) -> Sequence[Refusal]:
        """The same by their files, newest first, at most 50."""

    def newest_sale(self) -> datetime | None:
        """When the newest sale was made; None where there is none."""

    def is_noted(self, digest: str) -> bool:
        """Whether these bad records lie there already, and nobody has seen to them."""


class SalesFeed(FeedReads, Protocol):
    async def take_in(
        self,
        lines: Iterable[str] | Iterable[Line],
        *,
        source: str,
        form: Format,
        allow_pan: bool,
        keep: Keep | None = None,
        all_or_nothing: bool = False,
    ) -> ImportReport:
        """The good records of a file, in commits of at most 500, behind everybody else's.

        ``source`` names the file in the report and the audit log. ``all_or_nothing`` is one
        transaction: only where nobody trades meanwhile.
        """

    async def note_refused(self, refused: Refused) -> None:
        """Bad records lie in ``refused/``: the home screen says so."""

    async def see_to(self, refusals: Sequence[int], operator: str) -> None:
        """Somebody has seen these and looks after them."""

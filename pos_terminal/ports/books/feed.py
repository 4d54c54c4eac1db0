"""The sales feed: files of sales, and of what happened to them elsewhere (R9).

Imported with the first file, and not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from pos_terminal.texts.problems import reason
from pos_terminal.wire.feed.problem import Problem

if TYPE_CHECKING:
    from pos_terminal.wire.feed.lines import Format


class ImportReport(Struct, frozen=True):
    """With problems nothing of the file was imported."""

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
    problems: tuple[Problem, ...] = ()

    @property
    def imported(self) -> bool:
        return not self.problems

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
            "problems": [
                {"line": p.line, "sale_id": p.sale_id, "code": p.code, "reason": reason(p)}
                for p in self.problems
            ],
        }


class SalesFeed(Protocol):
    async def take_in(
        self, lines: Sequence[str], *, source: str, form: Format, allow_pan: bool
    ) -> ImportReport:
        """A file, as one transaction or not at all.

        ``lines`` are the file's lines, ``source`` names it in the report and the audit log.
        """

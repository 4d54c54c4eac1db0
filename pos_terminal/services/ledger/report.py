"""What became of a file of the sales feed."""

from __future__ import annotations

from msgspec import Struct

from pos_terminal.wire.feed.problem import Problem


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
            "problems": [{"line": p.line, "reason": p.reason} for p in self.problems],
        }

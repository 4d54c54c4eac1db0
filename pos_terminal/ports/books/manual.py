"""Manual refunds: what people carry out elsewhere, by a form (R38)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pos_terminal.core.refund import Refund
from pos_terminal.ports.records import FormConfirmation


class ManualReads(Protocol):
    """Questions about forms. One is printed by ``Ledger.commit_form``; ``conclude`` ends it."""

    def open_ones(self) -> Sequence[Refund]:
        """Whose form is out and not answered, oldest first."""

    def withdrawn(self) -> Sequence[Refund]:
        """Those that nobody was to pay any more, newest first, at most 50."""

    def of_application(self, number: int) -> Refund | None:
        """The one of this application."""

    def confirmed_by(self, reference: str) -> Sequence[Refund]:
        """Those that a supervisor confirmed by this reference, in whatever case, oldest first."""

    def confirmation(self, refund_id: int) -> FormConfirmation | None:
        """By what a supervisor confirmed it; None where nobody did, or the acquirer's file."""

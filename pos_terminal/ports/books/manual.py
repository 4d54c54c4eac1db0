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

    def carried_out_by(self, reference: str, form: int) -> Refund | None:
        """Another refund than this form that the payment with this reference was told for, the
        oldest; None where it was none. Forms of one ticket may be paid at once, and where people
        told it, a payment with another kind of tender is another payer's, whose number may be the
        same."""

    def confirmed_by(self, references: Sequence[str], refund: int) -> Refund | None:
        """A form of another visit that is paid, by one of the ``references`` of what paid this
        refund."""

    def paid_by(self, refund_id: int) -> str | None:
        """The reference that people at the terminal told this form's payment by."""

    def confirmation(self, refund_id: int) -> FormConfirmation | None:
        """By what a supervisor confirmed it; None where nobody did, or the acquirer's file."""

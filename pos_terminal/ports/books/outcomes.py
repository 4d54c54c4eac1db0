"""Outcomes as the acquirer's files told them, and what was made of a file (R32).

Imported with the first file, and not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.case import Posting
from pos_terminal.core.effect import OPENS_CASE, Effect, Told
from pos_terminal.core.refund import Refund
from pos_terminal.core.settling import Settling
from pos_terminal.ports.conclusion import Conclusion, Evidence
from pos_terminal.texts.problems import reason
from pos_terminal.wire.feed.outcome import Outcome, OutcomeFile
from pos_terminal.wire.feed.problem import Problem


class Remark(Struct, frozen=True):
    """A line of the file that people should know of, and why."""

    line: int
    """Counted from 1; 0 for the file as a whole."""
    reason: str


class Judged(Struct, frozen=True):
    """One line and what is to be done about it."""

    outcome: Outcome
    effect: Effect
    refund_id: int | None = None
    conclusion: Conclusion | None = None
    reason: str = ""
    postings: tuple[Posting, ...] = ()
    """Of PAID_TWICE: the request's own, then this one."""
    other: int = 0
    """Of a form: the application that the payment has carried out already."""
    form: int | None = None
    """A form, by its refund's number, that was told to be paid by what this line pays."""
    over: int = 0
    """Where it opens a case: what was paid beside what is given back here, minor units."""
    back: int = 0
    """Of RETURNED: what came back of what was given back, minor units."""


class StoredOutcome(Struct, frozen=True):
    """What an earlier file told of the same request."""

    content: str
    effect: Effect
    done: int
    posting: Posting
    told: Told = Told.PAID
    happened_on: str = ""


class Became(Struct, frozen=True):
    """What the acquirer says that became of a refund after it was paid (R50)."""

    credited: bool
    """On the customer's account; otherwise it came back from there."""
    at: datetime
    """When its file was taken in."""
    happened_on: str
    """The acquirer's day, ISO 8601, or empty."""
    arn: str


class OutcomeReport(Struct, frozen=True):
    """What became of a file."""

    file: OutcomeFile
    judged: Sequence[Judged] = ()
    problems: Sequence[Problem] = ()
    waiting: bool = False
    """A supervisor has not seen what it would settle; nothing was taken."""
    supervisor: str = ""
    """Who has."""

    @property
    def imported(self) -> bool:
        return not self.problems and not self.waiting

    def as_waiting(self) -> OutcomeReport:
        return replace(self, waiting=True)

    def settling(self) -> Settling:
        """What people should look at before it is taken; nothing of a file with problems."""
        concluded = [one.outcome for one in self.judged if one.effect is Effect.CONCLUDED]
        paid = [one.done for one in concluded if one.done]
        not_paid = [one.amount for one in concluded if not one.done]
        cases = [one.over for one in self.judged if one.effect in OPENS_CASE]
        cases += [0 for one in self.judged if one.form is not None]
        returned = [one.back for one in self.judged if one.effect is Effect.RETURNED]
        return Settling(
            paid=len(paid),
            paid_sum=sum(paid),
            not_paid=len(not_paid),
            not_paid_sum=sum(not_paid),
            cases=len(cases),
            over=sum(cases),
            returned=len(returned),
            returned_sum=sum(returned),
        )

    def notes(self) -> list[Remark]:
        """Lines that changed nothing, though somebody may expect it; and contradictions."""
        return [Remark(one.outcome.line, one.reason) for one in self.judged if one.reason]

    def count(self, effect: Effect) -> int:
        return sum(one.effect is effect for one in self.judged)

    def as_json(self) -> dict[str, object]:
        """For ``--json`` and the control socket."""
        counts: dict[str, object] = {effect.value: self.count(effect) for effect in Effect}
        return {
            "source": self.file.source,
            "digest": self.file.digest,
            "imported": self.imported,
            "waiting": self.waiting,
            "records": self.file.records,
            "others": self.file.others,
            **counts,
            "notes": [{"line": one.line, "reason": one.reason} for one in self.notes()],
            "problems": [{"line": one.line, "reason": reason(one)} for one in self.problems],
        }


class OutcomeReads(Protocol):
    """Questions about what the acquirer's files told."""

    def evidence(self, refund_id: int) -> Sequence[Evidence]:
        """What a file concluded this refund by. Oldest first: "not paid" never follows "paid"."""

    def told(self, batch: str, stan: str) -> Sequence[StoredOutcome]:
        """All that earlier files told of this request, oldest first."""

    def became(self, refund_id: int) -> Became | None:
        """What a file told of its money last; None where none did. What it only tells late, or
        against the ledger's word, does not count."""

    def known_from(self) -> date:
        """No request of an earlier day need be known: the ledger was not there yet, or it has
        purged what it had."""


class Outcomes(OutcomeReads, Protocol):
    """Files of the acquirer, and what they told."""

    async def take_in(self, report: OutcomeReport) -> Sequence[Refund]:
        """All that the file concludes in one commit; what it concluded.

        Nothing but an audit entry where the report has problems. Raises IllegalMove.
        """

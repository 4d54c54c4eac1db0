"""Conclusions of what the line did not tell: by people, or by the acquirer's file (R32)."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from pos_terminal.core.case import CaseKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.words import Words, say
from pos_terminal.ports import (
    Conclusion,
    Evidence,
    Finding,
    FormConfirmation,
    Grounds,
    LedgerReads,
    Papers,
    Teller,
)
from pos_terminal.texts import next_step
from pos_terminal.texts.domain import of_cause


class Told:
    """Makes the content of the one commit, slips and all; writes nothing itself."""

    def __init__(self, ledger: LedgerReads, papers: Callable[[], Papers]) -> None:
        self._ledger = ledger
        self._papers = papers

    def by_people(self, grounds: Grounds, refund: Refund, finding: Finding) -> Conclusion:
        """Paid has all effects of an approval, not paid frees the hold."""
        return replace(self._conclusion(grounds, refund, finding), finding=finding)

    def confirmed(
        self, grounds: Grounds, refund: Refund, confirmation: FormConfirmation
    ) -> Conclusion:
        """Somebody else has carried out what the form asks for."""
        conclusion = self._conclusion(grounds, refund, confirmation)
        return replace(conclusion, confirmation=confirmation)

    def by_file(self, grounds: Grounds, refund: Refund, evidence: Evidence) -> Conclusion:
        """The same by a line of the acquirer's file."""
        refund = replace(
            refund,
            rrn=evidence.rrn or refund.rrn,
            auth_code=evidence.auth_code or refund.auth_code,
        )
        return replace(self._conclusion(grounds, refund, evidence), evidence=evidence)

    def _conclusion(self, grounds: Grounds, refund: Refund, told: Teller) -> Conclusion:
        if refund.state in (State.GIVEN_UP, State.WITHDRAWN):
            after = replace(refund, state=State.OVERPAID, done=told.done)
            return self.overpaid(grounds, after, Conclusion(after.state, after.done), told)
        by_form = refund.kind is Kind.MANUAL
        if not told.paid:
            after = replace(refund, state=State.WITHDRAWN if by_form else State.GIVEN_UP)
            words = words_of(after.state, told)
            slips = self._papers().given_up(grounds, after, told, words, next_step(words))
            return Conclusion(after.state, slips=slips)
        accepted = State.CONFIRMED if by_form else State.ACCEPTED
        after = replace(refund, state=accepted, done=told.done)
        cause = say("host.paid_in_part") if told.done < refund.amount else None
        slips = self._papers().accepted(grounds, after, cause, told)
        return Conclusion(after.state, after.done, flagged=not by_form, slips=slips)

    def overpaid(
        self, grounds: Grounds, after: Refund, conclusion: Conclusion, late: Teller | None = None
    ) -> Conclusion:
        """An approval of what had been given up: the sale is locked, and a case opened.

        ``late`` is who told it; None where it came on the line.
        """
        over = after.done - grounds.sale.tender(after.leg).remaining
        advice = say("slip.overpaid_covered")
        if over > 0:
            advice = say("slip.overpaid", over=format_amount(over, after.currency))
        words = of_cause(Cause.OVERPAID)
        earlier = self._given_up_by(after.refund_id)
        slips = self._papers().overpaid(grounds, after, earlier, late, cause=words, advice=advice)
        return replace(
            conclusion, cause=Cause.OVERPAID, flagged=True, slips=slips, case=CaseKind.OVERPAYMENT
        )

    def _given_up_by(self, refund_id: int) -> Teller | None:
        ledger = self._ledger
        said: list[Teller] = [
            *ledger.findings.of_refund(refund_id),
            *ledger.outcomes.evidence(refund_id),
        ]
        return next((one for one in said if not one.paid), None)


def words_of(state: State, told: Teller) -> Words:
    """What the person reads: on the screen, and on the slip as its cause."""
    if state is State.OVERPAID:
        return of_cause(Cause.OVERPAID)
    by_file = isinstance(told, Evidence)
    if state is State.WITHDRAWN:
        return say("manual.withdrawn_by_file" if by_file else "manual.withdrawn")
    if state is State.CONFIRMED:
        return say("manual.confirmed")
    if state is State.GIVEN_UP:
        return say("host.given_up_by_file" if by_file else "host.given_up")
    return say("host.paid_by_people")

"""Settlements of what the line did not tell: by people, with the acquirer's reference (R32)."""

from __future__ import annotations

from msgspec.structs import replace

from pos_terminal.core.case import OVERPAYMENT
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.words import Words, say
from pos_terminal.ports import Finding, LedgerReads, Settlement
from pos_terminal.services.host.words import next_step
from pos_terminal.services.slips import Papers, SlipMaker


class Told:
    """Makes the content of the one commit, slips and all; writes nothing itself."""

    def __init__(self, ledger: LedgerReads, slips: SlipMaker) -> None:
        self._ledger = ledger
        self._slips = slips

    def by_people(self, papers: Papers, refund: Refund, finding: Finding) -> Settlement:
        """Paid has all effects of an approval, not paid frees the hold."""
        if refund.state is State.GIVEN_UP:
            after = replace(refund, state=State.OVERPAID, done=finding.done)
            return self.overpaid(papers, after, Settlement(after.state, after.done), finding)
        if not finding.paid:
            words = say("host.given_up")
            after = replace(refund, state=State.GIVEN_UP)
            slips = self._slips.given_up(papers, after, finding, words, next_step(words))
            return Settlement(after.state, slips=slips, finding=finding)
        after = replace(refund, state=State.ACCEPTED, done=finding.done)
        cause = say("host.paid_in_part") if finding.done < refund.amount else None
        slips = self._slips.accepted(papers, after, cause, finding)
        return Settlement(after.state, after.done, flagged=True, slips=slips, finding=finding)

    def overpaid(
        self, papers: Papers, after: Refund, settlement: Settlement, late: Finding | None = None
    ) -> Settlement:
        """An approval of what had been given up: the sale is locked, and a case opened.

        ``late`` is who told it; None where it came on the line.
        """
        over = after.done - papers.sale.tender(after.leg).remaining
        advice = say("slip.overpaid_covered")
        if over > 0:
            advice = say("slip.overpaid", over=format_amount(over, after.currency))
        earlier = next(iter(self._ledger.findings(after.refund_id)), None)
        words = say("host.overpaid")
        slips = self._slips.overpaid(papers, after, earlier, late, cause=words, advice=advice)
        return replace(
            settlement,
            cause=words.key,
            flagged=True,
            slips=slips,
            finding=late,
            case=OVERPAYMENT,
        )


def words_of(settlement: Settlement) -> Words:
    """What the person reads who told it."""
    if settlement.state is State.OVERPAID:
        return say("host.overpaid")
    return say("host.given_up" if settlement.state is State.GIVEN_UP else "host.paid_by_people")

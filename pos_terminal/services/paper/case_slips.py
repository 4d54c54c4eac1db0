"""What goes on paper of a case: the customer's of a complaint, and its record (R45, R76)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from pos_terminal.core.case import CaseKind, due_days
from pos_terminal.core.refund import Refund
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Words, say
from pos_terminal.ports import Case, CaseEnd, CaseSlips, CaseStep
from pos_terminal.services.paper.facts import both, of_gift, original_of, whole_of
from pos_terminal.services.paper.making import Making
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.case_record import CaseRecord, Ended, Noted
from pos_terminal.wire.receipt.kinds.complaint import Complaint
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.told import Told
from pos_terminal.wire.receipt.slip import Slip


class CasePapers(Making):
    """Of cases that people opened, and of all for their record."""

    def complaint(
        self, sale: Sale, refund: Refund | None, operator: str, *, by_gift: bool = False
    ) -> CaseSlips:
        now = self._clock.now()
        kind = CaseKind.COMPLAINT
        days = self._due_days.get(kind, due_days(kind))
        original = of_gift(sale) if by_gift else whole_of(sale)
        if refund is not None and not by_gift:
            original = original_of(sale, sale.tender(refund.leg))
        amount = 0 if refund is None or by_gift else refund.done
        head = self._plain_head(now, sale.currency, amount, operator)
        by = (now.date() + timedelta(days=days)).isoformat()
        body = Complaint(
            original=original,
            expected=both(say("slip.answer_by", date=by)),
            advice=both(say("slip.complaint_next")),
            hotline=self._terminal.hotline,
        )

        def make(case_id: int) -> Sequence[Slip]:
            code = self._case_code(case_id)
            customers = replace(head, copy=Copy.CUSTOMER, case=case_id, barcode=code)
            return [Slip(customers, replace(body, check_code=code))]

        return make

    def case_record(
        self,
        case: Case,
        operator: str,
        facts: Sequence[tuple[Words | str, str]],
        steps: Sequence[CaseStep],
        end: CaseEnd | None,
    ) -> Slip:
        now = self._clock.now()
        head = self._plain_head(now, self._terminal.currency, 0, operator)
        progress = case.progress(now.date())
        state = say(f"cases.is_{progress.value}", date=case.due_on.isoformat())
        body = CaseRecord(
            state=both(state),
            facts=tuple(Told(_named(label), value) for label, value in facts),
            steps=tuple(map(_noted, steps)),
            ended=None if end is None else _ended(end),
        )
        return Slip(replace(head, case=case.case_id, barcode=self._case_code(case.case_id)), body)


def _named(label: Words | str) -> Pair:
    return Pair(label, label) if isinstance(label, str) else both(label)


def _noted(step: CaseStep) -> Noted:
    return Noted(
        kind=both(say(f"cases.step_{step.kind.value}")),
        at=step.at.isoformat(timespec="seconds"),
        operator=step.operator,
        text=step.text,
        evidence=tuple(
            Told(both(say(f"tenders.evidence_{one.kind.value}")), one.reference)
            for one in step.evidence
        ),
        next_on="" if step.next_on is None else step.next_on.isoformat(),
    )


def _ended(end: CaseEnd) -> Ended:
    return Ended(
        at=end.at.isoformat(timespec="seconds"),
        reference=end.reference,
        operator=end.operator,
        people=end.people,
        cause=NO_TEXT if end.cause is None else both(say(f"cases.cause_{end.cause.value}")),
        shop=end.loss.shop,
        customer=end.loss.customer,
        acquirer=end.loss.acquirer,
    )

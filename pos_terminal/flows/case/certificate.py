"""What the customer has of a refund on paper, once more: for the bank that can't find it (R46)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.case_step import NewStep, StepKind
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.slips_on_the_way import slips_of_refund, tell_with_slips
from pos_terminal.ports import Case, PrintJob
from pos_terminal.texts import render
from pos_terminal.wire.receipt.head import Copy


def can_certify(desk: Desk, case: Case) -> bool:
    return bool(_slips(desk, case))


async def certify(desk: Desk, case: Case) -> None:
    """Marked as duplicates (R41), with the step of the case that says so."""
    title = say("remedy.do_certificate")
    jobs = _slips(desk, case)
    if case.refund_id is None:
        raise RuntimeError("certificates of no refund")
    text = render(title, desk.ui.language)
    step = NewStep(StepKind.SLIP, desk.clerk.number, text)
    numbers = [job.job_id for job in jobs]
    await desk.ledger.case_papers.print_again(case.case_id, numbers, step)
    said = say("remedy.certificates", n=len(jobs))
    slips = await slips_of_refund(desk, case.refund_id, title)
    await tell_with_slips(desk, "case.certificate", title, said, slips=slips)


def _slips(desk: Desk, case: Case) -> Sequence[PrintJob]:
    """The customer's of its refund, but what is money in itself."""
    if case.refund_id is None:
        return ()
    return [
        job
        for job in desk.ledger.slips.of_refund(case.refund_id)
        if job.slip.head.copy is Copy.CUSTOMER
        and job.duplicate == 0
        and not job.slip.body.is_money(Copy.CUSTOMER)
    ]

"""Store credit: a voucher, what it stands for and its slips in one commit (R37)."""

from __future__ import annotations

from pos_terminal.core.print_job import UNPRINTED, JobState
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.voucher import Voucher, check_open
from pos_terminal.core.words import Failure
from pos_terminal.ports import NewNumberSlips, VoucherSlips
from pos_terminal.services.ledger.books import applications, blind, payouts, sales, vouchers
from pos_terminal.services.ledger.books.slips import drop_in_doubt, of_voucher, queue
from pos_terminal.services.ledger.concluding import commit_at_once
from pos_terminal.services.ledger.step import Step


def issue(step: Step, application: int, slips: VoucherSlips) -> Refund:
    """The leg is spent, and a voucher for it is there with its slips, or nothing is."""
    blind.check(step.db, applications.load(step.db, application))
    refund = commit_at_once(step, application, Kind.CREDIT, State.ISSUED)
    add_voucher(step, refund, slips)
    return refund


def add_voucher(step: Step, refund: Refund, slips: VoucherSlips) -> None:
    """The voucher of this refund, with both slips."""
    voucher = vouchers.add(step, refund, sales.paid_by_voucher(step.db, refund))
    queue(step, slips(refund, voucher), refund.refund_id, refund.application)


def replace_voucher(
    step: Step, number: str, operator: str, supervisor: str, slips: NewNumberSlips
) -> Voucher:
    """The old number dead, the new one alive and on paper, or nothing of it.

    Failure ``ledger.voucher_waits`` where the paper that there is may still come out by itself;
    those of ``vouchers.replace``. One that may be torn is let go.
    """
    old = vouchers.load(step.db, number)
    check_open(old)
    papers = of_voucher(step.db, old)
    drop_in_doubt(step, papers, operator)
    if any(job.state in UNPRINTED and job.state is not JobState.UNKNOWN for job in papers):
        raise Failure("ledger.voucher_waits")
    voucher = vouchers.replace(step, number, operator, supervisor)
    case = None if old.payout_id is None else payouts.load(step.db, old.payout_id).case_id
    queue(step, slips(voucher), old.refund_id, None, case_id=case)
    return voucher

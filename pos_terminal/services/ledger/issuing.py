"""Store credit: the refund, its voucher and their slips in one commit (R37)."""

from __future__ import annotations

from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.ports import VoucherSlips
from pos_terminal.services.ledger.books import vouchers
from pos_terminal.services.ledger.books.slips import queue
from pos_terminal.services.ledger.concluding import commit_at_once
from pos_terminal.services.ledger.step import Step


def issue(step: Step, application: int, slips: VoucherSlips) -> Refund:
    """The leg is spent, and a voucher for it is there with its slips, or nothing is."""
    refund = commit_at_once(step, application, Kind.CREDIT, State.ISSUED)
    add_voucher(step, refund, slips)
    return refund


def add_voucher(step: Step, refund: Refund, slips: VoucherSlips) -> None:
    """The voucher of this refund, with both slips."""
    voucher = vouchers.add(step, refund)
    queue(step, slips(refund, voucher), refund.refund_id, refund.application)

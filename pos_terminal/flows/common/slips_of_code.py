"""The slips behind one of our barcodes, however old they are."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core import receipt_code
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import PrintJob


def slips_of_code(desk: Desk, text: str) -> list[PrintJob] | None:
    """The originals of a receipt, a voucher or a case. None: it is none of this terminal's."""
    code = receipt_code.decode(text)
    if code is None or code.merchant_check != desk.shop.merchant_check:
        return None
    if code.terminal_check != receipt_code.check_of(desk.shop.terminal_id):
        return None
    jobs: Sequence[PrintJob]
    if code.kind == receipt_code.CASE_DIGIT:
        jobs = desk.ledger.slips.of_case(code.serial)
    elif code.kind == receipt_code.REMEDY_DIGIT:
        jobs = _of_paper(desk, code.serial, text)
    elif code.kind == receipt_code.VOUCHER_DIGIT:
        jobs = _of_voucher(desk, text)
    elif code.kind == receipt_code.APPLICATION_DIGIT:
        jobs = desk.ledger.slips.of_application(code.serial)
    else:
        jobs = desk.ledger.slips.of_refund(code.serial)
    return [job for job in jobs if job.duplicate == 0] or None


def _of_paper(desk: Desk, number: int, text: str) -> Sequence[PrintJob]:
    """A case has other slips, too."""
    paper = desk.ledger.case_papers.by_number(number)
    of_case = [] if paper is None else desk.ledger.slips.of_case(paper.case_id)
    return [job for job in of_case if job.slip.head.barcode == text]


def _of_voucher(desk: Desk, number: str) -> Sequence[PrintJob]:
    """Of a payout's voucher itself alone: the merchant's has the payout's own code."""
    voucher = desk.ledger.vouchers.by_number(number)
    if voucher is not None and voucher.payout_id is not None:
        return _of_paper(desk, voucher.payout_id, number)
    refund = _of_credit(desk, number) if voucher is None else voucher.refund_id
    return [] if refund is None else desk.ledger.slips.of_refund(refund)


def _of_credit(desk: Desk, number: str) -> int | None:
    """Of an exchange credit the first refund that it stands on."""
    credit = desk.ledger.exchange_credits.by_number(number)
    legs = () if credit is None else desk.ledger.exchange_credits.legs(credit.ticket)
    return next((one.refund_id for one in legs), None)

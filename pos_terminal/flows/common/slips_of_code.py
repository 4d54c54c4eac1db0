"""The slips behind one of our barcodes, however old they are."""

from __future__ import annotations

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
    if code.kind == receipt_code.CASE_DIGIT:
        jobs = desk.ledger.slips.of_case(code.serial)
    elif code.kind == receipt_code.REMEDY_DIGIT:
        paper = desk.ledger.case_papers.by_number(code.serial)
        of_case = [] if paper is None else desk.ledger.slips.of_case(paper.case_id)
        jobs = [job for job in of_case if job.slip.head.barcode == text]
    elif code.kind == receipt_code.VOUCHER_DIGIT:
        refund = _refund_of(desk, text)
        jobs = [] if refund is None else desk.ledger.slips.of_refund(refund)
    elif code.kind == receipt_code.APPLICATION_DIGIT:
        jobs = desk.ledger.slips.of_application(code.serial)
    else:
        jobs = desk.ledger.slips.of_refund(code.serial)
    return [job for job in jobs if job.duplicate == 0] or None


def _refund_of(desk: Desk, number: str) -> int | None:
    """That a voucher was issued for; of an exchange credit the first that it stands on."""
    voucher = desk.ledger.vouchers.by_number(number)
    if voucher is not None:
        return voucher.refund_id
    credit = desk.ledger.exchange_credits.by_number(number)
    legs = () if credit is None else desk.ledger.exchange_credits.legs(credit.ticket)
    return next((one.refund_id for one in legs), None)

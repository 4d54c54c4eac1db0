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
    elif code.kind == receipt_code.VOUCHER_DIGIT:
        voucher = desk.ledger.vouchers.by_number(text)
        jobs = [] if voucher is None else desk.ledger.slips.of_refund(voucher.refund_id)
    elif code.kind == receipt_code.APPLICATION_DIGIT:
        jobs = desk.ledger.slips.of_application(code.serial)
    else:
        jobs = desk.ledger.slips.of_refund(code.serial)
    return [job for job in jobs if job.duplicate == 0] or None

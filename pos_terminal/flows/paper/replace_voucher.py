"""A voucher's paper was lost or may be torn: a supervisor agrees, and it goes on under a new number
(R37, R41)."""

from __future__ import annotations

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.money import with_symbol
from pos_terminal.core.voucher import Voucher, check_open, mask
from pos_terminal.core.words import VoucherFailure, say
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.confirm_clock import confirm_clock
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import NewNumberSlips, PrintJob
from pos_terminal.ui.ask import heading, tell
from pos_terminal.ui.page import Line


def voucher_on(job: PrintJob) -> str | None:
    """The number that this slip is worth something by; empty where its text was purged."""
    from pos_terminal.wire.receipt.kinds.credit import StoreCredit  # with the first slip

    body = job.slip.body
    if isinstance(body, StoreCredit) and body.is_money(job.slip.head.copy):
        return body.voucher
    return None


def exchange_credit_on(desk: Desk, job: PrintJob) -> ExchangeCredit | None:
    """What this slip is for the till; None of all others, and where its text was purged."""
    from pos_terminal.wire.receipt.kinds.exchange_credit import ExchangeCredited

    body = job.slip.body
    if isinstance(body, ExchangeCredited) and body.is_money(job.slip.head.copy):
        return desk.ledger.exchange_credits.by_number(body.number)
    return None


async def replace_voucher(desk: Desk, number: str) -> None:
    """Whoever finds the old paper finds nothing. Failure ``voucher.…`` for a dead number."""
    voucher = desk.ledger.vouchers.by_number(number)
    if voucher is None:
        raise VoucherFailure("voucher.unknown")
    check_open(voucher)
    await confirm_clock(desk)
    desk.must_know_the_time()
    supervisor = await ask_one(desk, _what(voucher), {desk.clerk.number})
    slips = _slips(desk, voucher, f"{supervisor.number} {supervisor.name}")
    new = await desk.ledger.replace_voucher(number, desk.clerk.number, supervisor.number, slips)
    desk.printing.wake()
    lines = (
        Line(say("voucher.number"), mask(new.number)),
        Line(say("voucher.left"), with_symbol(new.left, new.currency)),
        Line(say("voucher.old_is_dead"), mask(number)),
    )
    await tell(desk.ui, "voucher.replaced", say("voucher.title"), *lines, alert=False)


def _slips(desk: Desk, voucher: Voucher, agreed: str) -> NewNumberSlips:
    """As those of the old number, but for who asked and who agreed."""
    if voucher.payout_id is not None:
        return _of_payout(desk, voucher.payout_id, agreed)
    refund = None if voucher.refund_id is None else desk.ledger.refunds.by_id(voucher.refund_id)
    application = None if refund is None else desk.ledger.applications.by_number(refund.application)
    if refund is None or application is None:
        raise VoucherFailure("voucher.unknown")
    make = desk.papers().credit(application, clerk=desk.clerk.number, agreed=agreed)
    return lambda new: make(refund, new)


def _of_payout(desk: Desk, number: int, agreed: str) -> NewNumberSlips:
    payout = desk.ledger.payouts.by_number(number)
    case = None if payout is None else desk.ledger.cases.by_id(payout.case_id)
    if payout is None or case is None or case.sale_key is None:
        raise VoucherFailure("voucher.unknown")
    clerk = desk.clerk.number
    return desk.papers().payout_credit(payout, case.sale_key, clerk=clerk, agreed=agreed)


def _what(voucher: Voucher) -> tuple[Line, ...]:
    return (
        Line(say("voucher.replace"), mask(voucher.number)),
        heading(say("flows.amount"), with_symbol(voucher.left, voucher.currency)),
        Line(say("voucher.old_dies")),
    )

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
from pos_terminal.ports import PrintJob
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
    refund = desk.ledger.refunds.by_id(voucher.refund_id)
    application = None if refund is None else desk.ledger.applications.by_number(refund.application)
    if application is None:
        raise VoucherFailure("voucher.unknown")
    agreed = f"{supervisor.number} {supervisor.name}"
    slips = desk.papers().credit(application, clerk=desk.clerk.number, agreed=agreed)
    new = await desk.ledger.replace_voucher(number, desk.clerk.number, supervisor.number, slips)
    desk.printing.wake()
    lines = (
        Line(say("voucher.number"), mask(new.number)),
        Line(say("voucher.left"), with_symbol(new.left, new.currency)),
        Line(say("voucher.old_is_dead"), mask(number)),
    )
    await tell(desk.ui, "voucher.replaced", say("voucher.title"), *lines, alert=False)


def _what(voucher: Voucher) -> tuple[Line, ...]:
    return (
        Line(say("voucher.replace"), mask(voucher.number)),
        heading(say("flows.amount"), with_symbol(voucher.left, voucher.currency)),
        Line(say("voucher.old_dies")),
    )

"""A voucher that was scanned: what it is worth, and a supervisor's two ways with it (R37)."""

from __future__ import annotations

from pos_terminal.core.decision import is_to_holder
from pos_terminal.core.money import with_symbol
from pos_terminal.core.people import Person
from pos_terminal.core.voucher import Voucher, VoucherState, check_taking, mask
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.ask_supervisor import ask_one
from pos_terminal.flows.common.confirm_clock import confirm_clock
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import Taking
from pos_terminal.ui.ask import choose, digits, heading, large, money_entry, tell
from pos_terminal.ui.page import Line, Page


async def show_voucher(desk: Desk, voucher: Voucher) -> None:
    """State, amounts and date; an open one can be redeemed or cancelled by hand.

    Tills redeem it over the control socket. No drawer opens here, and no acquirer is asked.
    """
    title, lines = say("voucher.title"), _lines(desk, voucher)
    if voucher.state is not VoucherState.OPEN:
        await tell(desk.ui, "voucher.closed", title, *lines)
        return
    options = (Line(say("voucher.by_hand")), Line(say("voucher.cancel")))
    page = Page("voucher", title, lines)
    at = await choose(desk.ui, page, options, first=None)
    await confirm_clock(desk)
    desk.must_know_the_time()
    await (_redeem if at == 0 else _cancel)(desk, voucher)


def _lines(desk: Desk, voucher: Voucher) -> tuple[Line, ...]:
    return (
        heading(say(f"voucher.state_{voucher.state.value}"), _money(voucher, voucher.left)),
        Line(say("voucher.issued_for"), _money(voucher, voucher.amount)),
        Line(say("voucher.issued"), f"{desk.shop.local(voucher.issued_at):%Y-%m-%d}"),
        Line(say("voucher.number"), mask(voucher.number)),
        *([] if voucher.payout_id is None else [_payout(voucher.payout_id)]),
        *([Line(say("voucher.paid_by"), voucher.paid_by)] if _named(desk, voucher) else []),
    )


def _payout(number: int) -> Line:
    """Beside a sale, of a case."""
    return Line(say("remedy.payout"), f"#{number}")


def _named(desk: Desk, voucher: Voucher) -> bool:
    """What had paid is the buyer's own affair, where this one was given for a gift."""
    refund = None if voucher.refund_id is None else desk.ledger.refunds.by_id(voucher.refund_id)
    decided = () if refund is None else desk.ledger.applications.decisions(refund.application)
    return bool(voucher.paid_by) and not is_to_holder(decided)


async def _redeem(desk: Desk, voucher: Voucher) -> None:
    amount = await _ask_amount(desk, voucher)
    supervisor = await _ask_supervisor(desk, voucher, say("voucher.by_hand"), amount)
    _show_recording(desk)
    done = await desk.ledger.vouchers.redeem(
        Taking(voucher.number, amount, operator=desk.clerk.number, supervisor=supervisor.number)
    )
    await tell(
        desk.ui,
        "voucher.done",
        say("voucher.title"),
        Line(say("voucher.redeemed"), _money(voucher, done.amount)),
        Line(say("voucher.left"), _money(voucher, done.left)),
        alert=False,
    )


async def _cancel(desk: Desk, voucher: Voucher) -> None:
    kept = Line(say("voucher.not_to_sale"))
    supervisor = await _ask_supervisor(desk, voucher, say("voucher.cancel"), voucher.left, kept)
    _show_recording(desk)
    await desk.ledger.vouchers.cancel(voucher.number, desk.clerk.number, supervisor.number)
    await tell(
        desk.ui,
        "voucher.done",
        say("voucher.title"),
        say("voucher.cancelled_now"),
        kept,
    )


async def _ask_amount(desk: Desk, voucher: Voucher) -> int:
    """Minor units, above zero and within what is left; asked again until it is."""
    wrong: Words | None = None
    while True:
        # after a mistake enter alone is no longer “all of it”
        entry = money_entry(int(wrong is not None), voucher.currency)
        lines = (
            *([] if wrong is None else [heading(wrong)]),
            Line(say("voucher.left"), _money(voucher, voucher.left)),
            *([Line(say("voucher.whole"))] if wrong is None else []),
        )
        page = Page(
            "voucher.amount", say("voucher.ask_amount"), lines, hint=amount_hint(voucher.currency)
        )
        typed = await digits(desk.ui, page, entry, fresh=True)
        amount = int(typed) if typed else voucher.left
        try:
            check_taking(voucher, amount)
        except Failure as failure:
            desk.ui.beep()
            wrong = failure.words
        else:
            return amount


async def _ask_supervisor(
    desk: Desk, voucher: Voucher, what: Words, amount: int, *more: Line
) -> Person:
    lines = (
        Line(what, mask(voucher.number)),
        large(say("flows.amount"), _money(voucher, amount)),
    )
    return await ask_one(desk, (*lines, *more), {desk.clerk.number})


def _show_recording(desk: Desk) -> None:
    lines = (Line(say("voucher.recording")),)
    desk.ui.show(Page("voucher.wait", say("voucher.title"), lines))


def _money(voucher: Voucher, amount: int) -> str:
    return with_symbol(amount, voucher.currency)

"""单边账: the customer was debited for a sale that was not confirmed (R8)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core import receipt_code
from pos_terminal.core.case import CaseKind
from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.secret_code import ask_digits
from pos_terminal.ports import Application, Case, InputEvent, Key, KeyPressed
from pos_terminal.ui.ask import Entry, heading, tell
from pos_terminal.ui.page import Line, Page

PHONE: Final = Entry(0, 20)


async def report_debit(desk: Desk, sale: Sale, refused: Application | None) -> bool:
    """Says that nothing can be given back yet; the menu key registers the debit as a case. True
    where the clerk wants the slip of the request that was ``refused``.

    No money moves and the acquirer is not asked: it works while trading is stopped. The refund
    comes once the feed reports the sale as approved.
    """
    case = desk.ledger.cases.of_sale(sale.key, CaseKind.UNILATERAL_DEBIT)
    wanted = await _wanted(desk, sale, case, refused)
    if wanted is not Key.MENU:
        return wanted is Key.D1
    if case is None:
        number = await _register(desk, sale)
    else:
        number = case.case_id
        await _print_again(desk, case)
    await tell(
        desk.ui,
        "case.opened",
        say("enquiry.title"),
        say("flows.case_opened", number=number),
        Line(say("enquiry.check_code"), _check_code(desk, number)),
        say("enquiry.give_slip"),
    )
    return False


async def _wanted(desk: Desk, sale: Sale, case: Case | None, refused: Application | None) -> Key:
    """Menu: the debit is reported. 1: the refusal's slip. Enter: nothing."""

    def accept(event: InputEvent) -> Key | None:
        match event:
            case KeyPressed(Key.MENU | Key.ENTER as key):
                return key
            case KeyPressed(Key.D1) if refused is not None:
                return Key.D1
            case _:
                return None

    hint = say("enquiry.register_hint" if case is None else "enquiry.again_hint")
    lines = _lines(desk, sale, case)
    if refused is not None:
        lines = (*lines, Line(say("flows.turned_away", number=refused.number)))
    page = Page("sale.unconfirmed", say("flows.sale"), lines, hint=hint)
    return await desk.ui.prompt(page, accept, fresh=True)


def _lines(desk: Desk, sale: Sale, case: Case | None) -> tuple[Line, ...]:
    lines = [
        heading(say("rules.unconfirmed")),
        Line(f"{sale.sold_at:%Y-%m-%d %H:%M}", sale.first_trace),
        Line(say("flows.amount"), with_symbol(sale.amount, sale.currency)),
    ]
    lines += [
        Line(tender.card.masked, with_symbol(tender.amount, sale.currency))
        for tender in sale.tenders
        if tender.card is not None and tender.card.masked
    ]
    if case is None:
        lines.append(Line(say("enquiry.no_refund_yet")))
    else:
        lines.append(
            heading(
                say(
                    "enquiry.known",
                    number=case.case_id,
                    at=f"{desk.shop.local(case.opened_at):%m-%d %H:%M}",
                )
            )
        )
    return tuple(lines)


async def _register(desk: Desk, sale: Sale) -> int:
    lines = (*_lines(desk, sale, None)[1:-1], Line(say("enquiry.phone")))
    page = Page("enquiry.phone", say("enquiry.title"), lines, hint=say("enquiry.phone_hint"))
    phone = await ask_digits(desk, page, PHONE)
    clerk = desk.clerk.number
    slips = desk.papers().enquiry(sale, clerk, phone)
    kind = CaseKind.UNILATERAL_DEBIT
    number = await desk.ledger.cases.open_of_sale(sale.key, kind, clerk, slips)
    desk.printing.wake()
    return number


async def _print_again(desk: Desk, case: Case) -> None:
    """Both copies once more, marked as duplicates (R41)."""
    for job in desk.ledger.slips.of_case(case.case_id):
        if job.duplicate == 0:
            await desk.printing.reprint(job.job_id, desk.clerk.number)


def _check_code(desk: Desk, number: int) -> str:
    shop = desk.shop
    return receipt_code.encode_case(shop.merchant_id, shop.terminal_id, number)

"""Find what a scanned code leads to: a sale, by the till's receipt or ours, a voucher, the form of
a manual refund, or a case (R3, R38, R76)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core import receipt_code
from pos_terminal.core.badge import badge_of
from pos_terminal.core.case import CaseKind
from pos_terminal.core.decision import was_by_gift
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.goods_code import codes_for, is_goods, label
from pos_terminal.core.money import with_symbol
from pos_terminal.core.normal import normal
from pos_terminal.core.receipt_code import ReceiptCode
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.voucher import Voucher, check_number, holds_number, mask
from pos_terminal.core.words import Failure, VoucherFailure, say
from pos_terminal.flows.common.choose_sale import choose_sale
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.turned_away import no_sale
from pos_terminal.ports import Application, Case
from pos_terminal.ports.standing import OF_CASE, case_of
from pos_terminal.ui.ask import choose
from pos_terminal.ui.page import Line, Page

MOST_CHARACTERS = 64


async def find_by_scan(
    desk: Desk, text: str, symbology: str | None = None
) -> Found | Voucher | ExchangeCredit | Refund | Application | Case:
    """The sale, a voucher, an exchange credit, a manual refund whose form is open, what of a ticket
    is to do, or a case. A till's receipt number comes first, then that of its gift receipt, then
    our 13 digits.

    Failure ``flows.badge_here`` for a person's badge, which is neither kept nor shown.
    """
    text = normal(text)
    if badge_of(text) is not None:
        raise Failure("flows.badge_here")
    if len(text) <= MOST_CHARACTERS and (found := await _of_till(desk, text)) is not None:
        return found
    if label(text, symbology) is not None or _sold(desk, text):
        raise Failure("flows.goods_scanned")
    if not receipt_code.looks_like(text):
        if holds_number(text, desk.shop.merchant_check):  # and something beside it
            raise Failure("flows.scan_again")
        raise no_sale(Unfit.UNKNOWN_RECEIPT, text)
    code = receipt_code.decode(text)
    if code is None:
        raise Failure("flows.goods_scanned" if is_goods(text) else "flows.scan_again")
    if code.kind == receipt_code.VOUCHER_DIGIT:
        return await _of_voucher(desk, text)
    if code.merchant_check != desk.shop.merchant_check:
        if is_goods(text):  # one retail code in ten has our check digit too
            raise Failure("flows.goods_scanned")
        raise no_sale(Unfit.FOREIGN_RECEIPT, text)
    if code.terminal_check != receipt_code.check_of(desk.shop.terminal_id):
        raise no_sale(Unfit.OTHER_TERMINAL, text)
    if code.kind in OF_CASE:
        return _of_case(desk, code, text)
    if code.kind == receipt_code.APPLICATION_DIGIT:
        return await _of_application(desk, code.serial, text)
    return _of_refund(desk, code, text)


async def _of_voucher(desk: Desk, text: str) -> Voucher | ExchangeCredit:
    """Both have numbers of one sort."""
    credit = desk.ledger.exchange_credits.by_number(text)
    return await find_voucher(desk, text) if credit is None else credit


def _of_refund(desk: Desk, code: ReceiptCode, text: str) -> Found | ExchangeCredit:
    """Its sale; the merchant's slip of an exchange credit leads there while something is set aside
    for it, or of its rest is to do."""
    refund = desk.ledger.refunds.by_id(code.serial)
    if refund is None or receipt_code.KIND_DIGIT.get(refund.kind) != code.kind:
        raise no_sale(Unfit.UNKNOWN_RECEIPT, text)
    credit = desk.ledger.exchange_credits.of_refund(refund.refund_id)
    if credit is not None:
        to_do = {one.ticket for one in desk.ledger.applications.to_do()}
        if credit.left or credit.ticket in to_do:
            return credit
    by_gift = _was_gift(desk, refund.application)
    return Found(refund.sale_key, by_gift, refund_id=refund.refund_id)


def _sold(desk: Desk, text: str) -> bool:
    """Whether goods with this code were sold here. Its shape says nothing: a receipt's number may
    have eight or twelve digits as an EAN-8 or UPC-A has, and one in ten their check digit. What may
    be ours has 13."""
    codes = () if receipt_code.looks_like(text) else codes_for(text, ()).whole
    return desk.ledger.sales.sold_before(codes, desk.clock.now()) is not None


async def _of_till(desk: Desk, text: str) -> Found | None:
    """By what the till numbered: its receipt, or the one without prices."""
    sales = desk.ledger.sales
    if found := sales.by_receipt(text):
        return await choose_sale(desk, found)
    if found := sales.by_gift(text):
        return await choose_sale(desk, found, by_gift=True)
    return None


async def _of_application(desk: Desk, number: int, text: str) -> Found | Refund | Application:
    """Its form while nobody has answered it; what of its ticket is to do; then its sale. The slip
    of what is to do has the number of the ticket's first application: where that is a form, it is
    asked which of the two is meant."""
    application = desk.ledger.applications.by_number(number)
    to_do = desk.ledger.applications.to_do()
    left = [] if application is None else [one for one in to_do if one.ticket == application.ticket]
    form = desk.ledger.manual.of_application(number)
    if form is not None and form.state is State.FORM_PRINTED:
        of_ticket = application is not None and application.ticket == number
        return await _form_or_rest(desk, form, left) if left and of_ticket else form
    if application is None or application.sale_key is None:
        raise no_sale(Unfit.UNKNOWN_RECEIPT, text)
    if left:
        return left[0]
    refunds = desk.ledger.refunds.of_sale(application.sale_key)
    of = next((one.refund_id for one in refunds if one.application == number), None)
    return Found(application.sale_key, _was_gift(desk, number), refund_id=of)


async def _form_or_rest(
    desk: Desk, form: Refund, left: Sequence[Application]
) -> Refund | Application:
    to_do = with_symbol(sum(one.amount for one in left), form.currency)
    options = [
        Line(say("flows.rest_of_code", amount=to_do)),
        Line(say("flows.form_of_code", amount=with_symbol(form.amount, form.currency))),
    ]
    page = Page("find.form_or_rest", say("flows.form_or_rest"), hint=say("ui.by_digit"))
    return left[0] if await choose(desk.ui, page, options, first=None) == 0 else form


def _was_gift(desk: Desk, application: int) -> bool:
    """A slip of what a gift receipt had led to leads to no more than that receipt does."""
    return was_by_gift(desk.ledger.applications.decisions(application))


async def find_voucher(desk: Desk, text: str) -> Voucher:
    """By its number. Failure as ``check_number``, or ``voucher.unknown``, which is written down."""
    number = check_number(text, desk.shop.merchant_id, desk.shop.terminal_id)
    voucher = desk.ledger.vouchers.by_number(number)
    if voucher is None:
        facts = {"number": mask(number), "cause": "voucher.unknown", "operator": desk.clerk.number}
        await desk.ledger.journal.note("voucher_refused", facts)
        raise VoucherFailure("voucher.unknown")
    return voucher


def _of_case(desk: Desk, code: ReceiptCode, text: str) -> Found | Case:
    """A debit's slip leads to its sale, which tells of the case while nothing is given back (R8);
    all others, and papers of one, to the case itself, also to one that was closed."""
    case = case_of(desk.ledger, code)
    if case is None:
        raise no_sale(Unfit.UNKNOWN_RECEIPT, text)
    if case.kind is CaseKind.UNILATERAL_DEBIT and case.sale_key is not None:
        return Found(case.sale_key)
    return case

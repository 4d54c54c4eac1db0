"""A sale's invoice (发票) is out: is it back, or taken back by a red-letter one (R69)?"""

from __future__ import annotations

from pos_terminal.core.goods_code import lines_of
from pos_terminal.core.invoice import LEAST, MOST, Answered, InvoiceBack, Invoiced, number_of
from pos_terminal.core.normal import normal
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.secret_code import against_code
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.ports import InputEvent, Scanned
from pos_terminal.ui.ask import Entry, Remark, Typed, choose, digits_or, heading
from pos_terminal.ui.page import Line, Page

_TITLE = say("invoice.title")
_ANSWERS = (Answered.RETURNED, Answered.RED_LETTER, Answered.NEITHER)


async def ask_invoice(desk: Desk, sale: Sale, kept: Typed) -> InvoiceBack | None:
    """None, and nobody is asked, where no till told that one was issued. ``kept``: the number that
    was typed, where the clerk comes back to it."""
    if sale.invoice is not Invoiced.ISSUED:
        return None
    own = (Line(say("invoice.sales"), sale.invoice_no),) if sale.invoice_no else ()
    lines = (heading(say("invoice.which")), *own)
    page = Page("invoice.ask", _TITLE, lines, hint=say("ui.by_digit"))
    options = [Line(say(f"invoice.{one.value}")) for one in _ANSWERS]
    while True:
        answer = _ANSWERS[await choose(desk.ui, page, options, first=None)]
        if answer is not Answered.RED_LETTER:
            return InvoiceBack(answer)
        with BackHere():
            return InvoiceBack(answer, await _ask_number(desk, sale, kept))


async def ask_since(
    desk: Desk, sale_key: int | None, said: InvoiceBack | None, *, holder: bool = False
) -> InvoiceBack | None:
    """What was ``said`` of it; where nobody was asked, and a till has told of one since, it is
    asked about now. Not of who has the gift receipt."""
    sale = None if said is not None or holder else desk.ledger.sales.by_key(sale_key)
    return said if sale is None else await ask_invoice(desk, sale, Typed())


async def _ask_number(desk: Desk, sale: Sale, kept: Typed) -> str:
    """Typed or scanned; the sale's own is not it."""
    wrong: Words | None = None
    while True:
        said = () if wrong is None else (heading(wrong),)
        lines = (*said, Line(say("invoice.red_letter_no")))
        page = Page("invoice.number", _TITLE, lines, hint=say("invoice.number_hint"))
        entry = Entry(LEAST, MOST, letters=True)
        number = normal(await digits_or(desk.ui, page, entry, _scanned, kept=kept))
        wrong = _against(desk, sale, number)
        if wrong is None:
            return number
        kept.text = ""
        desk.ui.beep()


def _against(desk: Desk, sale: Sale, number: str) -> Words | None:
    """Why it is no red-letter invoice's: it is the sale's own, too short (a scan is of any length),
    stands on the goods or on a slip of ours, or is a secret."""
    if number == normal(sale.invoice_no):
        return say("invoice.not_the_sales")
    if len(number) < LEAST:
        return say("ui.too_short", least=LEAST)
    pieces = (one for line in sale.lines for one in line.known_serials)
    if number in pieces or lines_of(sale.lines, number, desk.shop.scale_patterns):
        return say("invoice.of_goods")
    return against_code(desk, number)


def _scanned(event: InputEvent) -> str | Remark | None:
    if not isinstance(event, Scanned):
        return None
    number = number_of(normal(event.text))
    return number if number.isprintable() and 0 < len(number) <= MOST else None

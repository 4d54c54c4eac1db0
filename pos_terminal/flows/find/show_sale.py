"""The sale before anything else: time, items, tenders, masked card, amounts (R6)."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from pos_terminal.core.cut_off import day_ends
from pos_terminal.core.local_time import local
from pos_terminal.core.money import with_symbol
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.rules.state import Against, refusal
from pos_terminal.core.sale import Sale, SaleLine, SaleState, Tender
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.charged import charged
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_line
from pos_terminal.flows.common.the_line import line_lines
from pos_terminal.flows.common.turned_away import by_state, no_sale, unfit
from pos_terminal.texts.domain import of_objection
from pos_terminal.ui.ask import confirm, heading, large
from pos_terminal.ui.page import Line, Page

LAST_DAYS = 2
"""The return window's end is pointed out so many days before,"""
LAST_HOURS = timedelta(hours=2)
"""and the closing of the batch, after which nothing is voided, so long before."""


async def show_sale(desk: Desk, sale: Sale | None) -> Sale:
    """The sale, after the clerk saw it and pressed enter. TurnedAway where it can't go back."""
    if sale is None:
        raise no_sale(Unfit.NO_SALE, "")
    refused = refusal(sale)
    if refused is not None and refused is not Against.OPEN_REFUND:
        raise by_state(sale)
    if sale.currency != desk.shop.currency:
        raise unfit(sale, Unfit.OTHER_CURRENCY, currency=sale.currency)
    if sale.is_dated_after(desk.clock.now()):
        raise unfit(sale, Unfit.SOLD_IN_FUTURE, at=f"{sale.last_at:%Y-%m-%d %H:%M}")
    hint = say("flows.sale_hint" if refused is None else "ui.enter")
    page = Page("sale", say("flows.sale"), _lines(desk, sale), hint=hint)
    by_card = any(tender.card is not None for tender in sale.tenders)

    def shown() -> Page:
        """With what the line has come to meanwhile."""
        lines = line_lines(desk) if by_card else []
        return replace(page, lines=(*lines, *page.lines))

    await confirm(desk.ui, shown)
    if refused is not None:
        raise by_state(sale)
    if sale.remaining <= 0:
        raise unfit(sale, Unfit.NOTHING_LEFT, sold=sale.amount, done=sale.done)
    return sale


def _lines(desk: Desk, sale: Sale) -> tuple[Line, ...]:
    lines = [heading(words) for words in (*_warnings(desk), *about_to_close(desk, sale))]
    if sale.held:
        lines.append(heading(of_objection(Against.OPEN_REFUND)))
    lines += [
        Line(f"{sale.sold_at:%Y-%m-%d %H:%M}", sale.first_trace),
        *_receipt(sale),
        Line(say("flows.amount"), with_symbol(sale.amount, sale.currency)),
    ]
    for label, amount in (("flows.done", sale.done), ("flows.held", sale.held)):
        if amount:
            lines.append(Line(say(label), with_symbol(amount, sale.currency)))
    lines.append(large(say("flows.remaining"), with_symbol(sale.remaining, sale.currency)))
    for tender in sale.tenders:
        lines += [leg_line(sale, tender), *_lacking(sale, tender)]
    for line in sale.lines:
        lines += _goods(line, sale.currency)
    return tuple(lines)


def _lacking(sale: Sale, tender: Tender) -> list[Line]:
    """What stands in the way of a refund to this card: the till told nothing to ask for it by."""
    payment = tender.payment
    if payment is None or tender.card is None or sale.state is not SaleState.APPROVED:
        return []
    return [heading(say(f"flows.lacks_{one.value}")) for one in payment.lacks]


def _receipt(sale: Sale) -> list[Line]:
    """What identifies a sale that has no trace, one in cash above all."""
    if sale.first_trace or not sale.receipt_no:
        return []
    return [Line(say("flows.receipt_no"), sale.receipt_no)]


def _goods(line: SaleLine, currency: str) -> list[Line]:
    """What was sold for how much in all, and how much of it is back or on its way."""
    shown = [Line(f"{line.name} ×{format_quantity(line.quantity)}", charged(line, currency))]
    for label, quantity in (("flows.goods_done", line.returned), ("flows.goods_held", line.held)):
        if quantity:
            shown.append(Line(say(label), f"×{format_quantity(quantity)}"))
    return shown


def _warnings(desk: Desk) -> list[Words]:
    """What the clerk should mend before the customer waits for it (R43)."""
    if desk.printing.trouble is not None:
        return [desk.printing.trouble]
    return [say("flows.near_end")] if desk.printing.near_end else []


def about_to_close(desk: Desk, sale: Sale) -> list[Words]:
    """The return window's last days, and the last hours of a void, said in time (R12)."""
    now = desk.clock.now()
    said = []
    batch, approved = desk.ledger.counter.batch(), sale.state is SaleState.APPROVED
    open_still = [
        one.payment.paid_at
        for one in sale.tenders
        if one.payment is not None and not one.batch_closed and one.payment.batch == batch
    ]
    if approved and open_still:
        shop = desk.shop
        end = local(day_ends(min(open_still), shop.cut_off, shop.acquirer_zone), shop.zone)
        if timedelta() < end - now <= LAST_HOURS:
            said.append(say("flows.closing_batch", at=f"{end:%H:%M}"))
    free = desk.shop.book.free_days(sale.lines)
    if free is not None and 0 <= (left := free - sale.age_days(now)) <= LAST_DAYS:
        said.append(say("flows.closing_window", days=left))
    return said

"""The sale before anything else: time, items, tenders, masked card, amounts (R6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from msgspec.structs import replace

from pos_terminal.core.cut_off import day_ends
from pos_terminal.core.local_time import local
from pos_terminal.core.money import with_symbol
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.sale import LineKind, Sale, SaleLine, SaleOrigin, SaleState, Tender
from pos_terminal.core.sorts import others_of, same_again
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.another_way import FormOfSale, sends_to_form
from pos_terminal.flows.common.cannot_be import against_sale
from pos_terminal.flows.common.charged import charged
from pos_terminal.flows.common.credit_stays import credit_stays
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found, MoreOfSale
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.name_leg import leg_line
from pos_terminal.flows.common.opened_money import opened_by
from pos_terminal.flows.common.pays_slip import pays_slip
from pos_terminal.flows.common.returned import another_way_is_open, returned_lines
from pos_terminal.flows.common.the_line import line_lines
from pos_terminal.flows.common.turned_away import TurnedAway, no_sale
from pos_terminal.ports import InputEvent, Key, KeyPressed
from pos_terminal.ui.ask import heading, large
from pos_terminal.ui.page import Line, Page

LAST_DAYS = 2
"""The return window's end is pointed out so many days before,"""
LAST_HOURS = timedelta(hours=2)
"""and the closing of the batch, after which nothing is voided, so long before."""


async def show_sale(desk: Desk, found: Found, sale: Sale | None, *, several: bool = False) -> Sale:
    """The sale, after the clerk saw it and pressed enter. What can't be stands above it, no refund
    is offered then, and TurnedAway follows for who applies all the same (R67);
    MoreOfSale for the menu key, FormOfSale for the one that leads to the form, where what stands
    there names it. ``several``: it is one of those of a ticket, which its title says."""
    if sale is None:
        raise no_sale(Unfit.NO_SALE, "")
    away = against_sale(desk, sale, by_gift=found.by_gift)
    to_form = away is not None and sends_to_form(away.words)
    hint = "flows.sale_hint" if away is None else "flows.cannot_be_hint"
    if to_form:
        hint = "tenders.sale_hint"
    shut = {line.line for line in sale.lines if desk.shop.book.not_taken(line) is not None}
    if found.by_gift:
        lines = _of_gift(sale, shut)
    else:
        opened, stays = opened_by(desk, sale).lines, _stays(desk, sale)
        lines = _of(sale, away, _on_credit(desk, sale), shut, opened, stays=stays)
        back = returned_lines(desk, sale, sale.tenders)
        lines = (*pays_slip(desk, sale), *back, *lines)
    returned = away is None and not found.by_gift and not several
    if returned and another_way_is_open(desk, sale):
        to_form, hint = True, "returned.sale_hint"
    page = Page(
        "sale",
        say("flows.one_of_several" if several else "flows.sale"),
        lines,
        hint=say(hint),
        alert=away is not None,
    )
    # whether a card paid, and so a batch closes, is no affair of who has a gift
    told = _window(desk, sale) if found.by_gift else about_to_close(desk, sale)
    by_card = away is None and not found.by_gift and any(one.card for one in sale.tenders)

    def shown() -> Page:
        """With what the line and the printer have come to meanwhile."""
        lines = line_lines(desk) if by_card else []
        return replace(page, lines=(*lines, *_told(desk, told, away), *page.lines))

    def accept(event: InputEvent) -> Key | None:
        match event:
            case KeyPressed(Key.ENTER | Key.D1 as key) if key is Key.ENTER or to_form:
                return key
            case _:
                return menu_key(event)

    key = await desk.ui.prompt(shown, accept, fresh=True)
    if key is Key.MENU:
        raise MoreOfSale(found)
    if key is Key.D1:
        raise FormOfSale(found)
    if away is not None:
        away.by_gift = found.by_gift
        raise away
    return sale


def _told(desk: Desk, closing: Sequence[Words], away: TurnedAway | None) -> tuple[Line, ...]:
    """What can't be, or what to mend or to know before it is begun."""
    told = [away.words, *_to_type(away)] if away else [*_warnings(desk), *closing]
    return tuple(map(heading, told))


def _to_type(away: TurnedAway) -> Sequence[Words]:
    """What of the slip was not typed, or why a credit can't be opened again. What a till did not
    tell stands beneath its payment."""
    told = (Unfit.CARD_NOT_COMPARED, Unfit.ORIGINAL_CHANNEL)
    return away.more if away.verdict.against in told else ()


def _of_gift(sale: Sale, shut: Collection[int]) -> tuple[Line, ...]:
    """What was sold, and when: neither what the buyer paid nor by what. What of it comes back has
    its price once it is chosen."""
    goods = (line for line in sale.lines if line.kind is not LineKind.DISCOUNT)
    return (
        heading(say("flows.gift_receipt")),
        Line(f"{sale.sold_at:%Y-%m-%d %H:%M}"),
        *(shown for line in goods for shown in _goods(line, "", shut)),
    )


def _on_credit(desk: Desk, sale: Sale) -> int:
    """What of it stands on exchange credits, minor units."""
    return sum(one.left for one in desk.ledger.exchange_credits.open_of(sale.key))


def _of(
    sale: Sale,
    away: TurnedAway | None,
    on_credit: int = 0,
    shut: Collection[int] = (),
    opened: Sequence[Line] = (),
    *,
    stays: Sequence[Line] = (),
) -> tuple[Line, ...]:
    """What was sold, paid and given back; nothing is said to remain where none of it goes back.
    ``shut``: lines that the shop does not take. ``opened``: what its goods have left to do.
    ``stays``: what of the rest does not go back."""
    lines = [
        Line(sale.when, _own_trace(sale)),
        *_receipt(sale),
        *_typed(sale),
        Line(say("flows.amount"), with_symbol(sale.amount, sale.currency)),
    ]
    of_it = {
        "flows.done": sale.done,
        "flows.on_credit": on_credit,
        "flows.held": sale.held - on_credit,
        "flows.withheld": sale.withheld,
    }
    for label, amount in of_it.items():
        if amount:
            lines.append(Line(say(label), with_symbol(amount, sale.currency)))
    lines += opened
    if away is None:
        remaining = with_symbol(sale.offered, sale.currency)
        lines += [large(say("flows.remaining"), remaining), *stays]
    for tender in sale.tenders:
        lines += [leg_line(sale, tender), *_lacking(sale, tender)]
    for line in sale.lines:
        lines += _goods(line, sale.currency, shut)
    return tuple(lines)


def _stays(desk: Desk, sale: Sale) -> list[Line]:
    """What of that an exchange credit paid and can't be opened again, and why."""
    amount, why = credit_stays(desk, sale)
    stays = Line(say("flows.credit_stays"), with_symbol(amount, sale.currency))
    return [stays, *([] if why is None else [Line(why)])] if amount else []


def _lacking(sale: Sale, tender: Tender) -> list[Line]:
    """What stands in the way of a refund to this card: the till told nothing to ask for it by."""
    if tender.card is None or sale.state is not SaleState.APPROVED:
        return []
    return [heading(say(f"flows.lacks_{one.value}")) for one in tender.lacks]


def _own_trace(sale: Sale) -> str:
    """Of several payments each has its own, and the sale has none."""
    return sale.first_trace if len(sale.tenders) == 1 else ""


def _receipt(sale: Sale) -> list[Line]:
    """What identifies a sale that has no trace of its own: one in cash, or of several payments."""
    if _own_trace(sale) or not sale.receipt_no:
        return []
    return [Line(say("flows.receipt_no"), sale.receipt_no)]


def _typed(sale: Sale) -> list[Line]:
    """That people typed it, or by what the acquirer knows it."""
    if sale.state is SaleState.WITHDRAWN:
        return []
    if sale.origin is SaleOrigin.TYPED:
        return [heading(say("flows.typed_sale")), Line(say("flows.typed_rrn"), sale.first_rrn)]
    return [
        heading(say("flows.typed_reference", rrn=one.payment.rrn))
        for one in sale.tenders
        if one.typed and one.payment is not None
    ]


def _goods(line: SaleLine, currency: str, shut: Collection[int]) -> list[Line]:
    """What was sold for how much in all, and how much of it is back or on its way. Without a
    currency no price."""
    price = charged(line, currency) if currency else ""
    name, sold = line.name, format_quantity(line.quantity)
    named = say("flows.shut_line", name=name, left=sold) if line.line in shut else f"{name} ×{sold}"
    shown = [Line(named, price)]
    of_it = {
        "flows.goods_done": line.returned,
        "flows.goods_held": line.held,
        "flows.same_again": same_again(line),
    }
    for label, quantity in of_it.items():
        if quantity:
            shown.append(Line(say(label), f"×{format_quantity(quantity)}"))
    for out in others_of(line):
        said = say("flows.goods_exchanged", name=out.known_as)
        shown.append(Line(said, f"×{format_quantity(out.left)}"))
    return shown


def _warnings(desk: Desk) -> list[Words]:
    """What the clerk should mend before the customer waits for it (R43)."""
    if desk.printing.trouble is not None:
        return [desk.printing.trouble]
    return [say("printer.near_end")] if desk.printing.near_end else []


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
    return [*said, *_window(desk, sale)]


def _window(desk: Desk, sale: Sale) -> list[Words]:
    free = desk.shop.book.free_days(sale.lines)
    if free is None or not 0 <= (left := free - sale.age_days(desk.clock.now())) <= LAST_DAYS:
        return []
    return [say("flows.closing_window", days=left)]

"""Which goods come back: lines of the sale, and how much of each (R11, R14)."""

from __future__ import annotations

from pos_terminal.core.items import Quantities, worth_of
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.quantity import DECIMALS, SCALE, format_quantity, worth
from pos_terminal.core.sale import Sale, SaleLine, Tender
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.ports import Key
from pos_terminal.ui.ask import Entry, choose_or, digits, heading
from pos_terminal.ui.page import Line, Page

MOST_DIGITS = 12


async def choose_lines(
    desk: Desk, sale: Sale, tender: Tender, chosen: Quantities
) -> dict[int, int]:
    """One after the other, beginning with what is ``chosen``; the menu key ends it."""
    lines = [line for line in sale.lines if line.remaining > 0]
    taken = dict(chosen)
    at = 0
    while True:
        total = with_symbol(goods_sum(sale, tender, taken), sale.currency)
        page = Page(
            "refund.lines",
            say("flows.lines"),
            (heading(say("flows.goods_sum"), total),),
            hint=say("flows.lines_hint"),
        )
        options = [_option(line, taken.get(line.line, 0), sale.currency) for line in lines]
        picked = await choose_or(desk.ui, page, options, menu_key, first=at)
        if isinstance(picked, Key):
            return {line.line: taken[line.line] for line in lines if taken.get(line.line)}
        at = picked
        taken[lines[at].line] = await _ask_quantity(desk, lines[at], sale.currency)


def goods_sum(sale: Sale, tender: Tender, chosen: Quantities) -> int:
    """What the chosen goods bring of this leg by themselves, minor units."""
    return min(tender.remaining, worth_of(sale, chosen))


def _option(line: SaleLine, taken: int, currency: str) -> Line:
    """What remains of it and its worth; once chosen, how much of that, and the worth of it."""
    left = format_quantity(line.remaining)
    if not taken:
        total = format_amount(worth(line.remaining, line.unit_price), currency)
        return Line(f"{line.name} ×{left}", total)
    words = say("flows.taken", name=line.name, taken=format_quantity(taken), left=left)
    return heading(words, format_amount(worth(taken, line.unit_price), currency))


async def _ask_quantity(desk: Desk, line: SaleLine, currency: str) -> int:
    """Thousandths; asked again until it is no more than remains. None of it takes it out again."""
    unit = 1 if line.quantity % SCALE or line.remaining % SCALE else SCALE
    hint = say("flows.thousandths" if unit == 1 else "flows.pieces")
    wrong: Words | None = None
    while True:
        entry = Entry(
            0 if wrong is None else 1,
            MOST_DIGITS,
            show=lambda typed: _shown(typed, unit),
            decimals=DECIMALS if unit == 1 else 0,
        )
        page = Page(
            "refund.quantity", say("flows.quantity"), _lines(line, wrong, currency), hint=hint
        )
        typed = await digits(desk.ui, page, entry, fresh=True)
        quantity = int(typed) * unit if typed else line.remaining
        if quantity <= line.remaining:
            return quantity
        wrong = say("rules.line", name=line.name, left=format_quantity(line.remaining))
        desk.ui.beep()


def _lines(line: SaleLine, wrong: Words | None, currency: str) -> tuple[Line, ...]:
    price = with_symbol(line.unit_price, currency)
    return (
        *([] if wrong is None else [heading(wrong)]),
        Line(line.name, price),
        Line(say("flows.remaining"), f"×{format_quantity(line.remaining)}"),
        *([Line(say("flows.whole_line"))] if wrong is None else []),
    )


def _shown(typed: str, unit: int) -> str:
    if not typed or unit == SCALE:
        return typed
    return f"{int(typed) // SCALE}.{int(typed) % SCALE:0{DECIMALS}d}"

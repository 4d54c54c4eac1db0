"""Which goods come back: lines of the sale, and how much of each (R11, R14)."""

from __future__ import annotations

from msgspec.structs import replace

from pos_terminal.core.goods_code import line_of
from pos_terminal.core.items import Quantities, brings, can_be_chosen
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.normal import normal
from pos_terminal.core.quantity import DECIMALS, SCALE, format_quantity
from pos_terminal.core.rules import returnable
from pos_terminal.core.sale import LineKind, Sale, SaleLine
from pos_terminal.core.words import Words, say
from pos_terminal.core.worth import Worths, worth_of_part, worths
from pos_terminal.flows.common.charged import charged
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.ports import InputEvent, Key, Scanned
from pos_terminal.texts.domain import of_objection
from pos_terminal.ui.ask import Entry, choose_or, digits, heading, large
from pos_terminal.ui.page import Line, Page

MOST_DIGITS = 12


async def choose_lines(
    desk: Desk, sale: Sale, left: int, chosen: Quantities, *, by_gift: bool = False
) -> dict[int, int]:
    """One after the other, beginning with what is ``chosen``, by digit or barcode (R72); the menu
    key ends it, and so does cancel: what was chosen stays.

    ``by_gift``: a price stands behind what is chosen alone.

    What can't be chosen stands in the list like on the till's receipt, and says why when picked.
    """
    lines = [line for line in sale.lines if line.remaining or line.kind is LineKind.DISCOUNT]
    whole = worths(sale)
    taken = dict(chosen)
    at = 0
    against: tuple[Line, ...] = ()
    while True:
        total = with_symbol(goods_sum(sale, left, taken), sale.currency)
        page = Page(
            "refund.lines",
            say("flows.lines"),
            (*against, large(say("flows.goods_sum"), total)),
            hint=say("flows.lines_hint"),
        )
        options = [_option(line, taken.get(line.line, 0), whole, sale.currency) for line in lines]
        if by_gift:
            chosen_ones = (taken.get(line.line, 0) for line in lines)
            options = [
                one if of_it else replace(one, value="")
                for one, of_it in zip(options, chosen_ones, strict=True)
            ]
        picked = await _pick(desk, page, options, at)
        if isinstance(picked, Key):
            return {line.line: taken[line.line] for line in lines if taken.get(line.line)}
        if isinstance(picked, Scanned):
            code, patterns = normal(picked.text), desk.shop.scale_patterns
            found = line_of(lines, code, patterns, picked.symbology)
            if found is None:
                against = (heading(say("flows.not_of_sale")),)
                desk.ui.beep()
                continue
            picked = found
        at = picked
        against = _against(lines[at])
        if against:
            desk.ui.beep()
        else:
            worth = _left_of(lines[at], whole)
            with BackHere():
                taken[lines[at].line] = await _ask_quantity(desk, lines[at], worth, sale.currency)


async def _pick(desk: Desk, page: Page, options: list[Line], at: int) -> int | Scanned | Key:
    """A line, a code that was scanned, or the menu key that ends it."""
    with BackHere():
        return await choose_or(desk.ui, page, options, _key_or_code, first=at)
    return Key.MENU


def _key_or_code(event: InputEvent) -> Key | Scanned | None:
    return event if isinstance(event, Scanned) else menu_key(event)


def goods_sum(sale: Sale, left: int, chosen: Quantities) -> int:
    """What the chosen goods bring by themselves of what is ``left``, minor units."""
    return min(left, brings(sale, chosen))


def _against(line: SaleLine) -> tuple[Line, ...]:
    """Why it can't be chosen; nothing where it can."""
    if can_be_chosen(line):
        return ()
    if line.kind is LineKind.DISCOUNT:
        return (heading(say("flows.no_discount")),)
    return (heading(of_objection(returnable.Against.NOT_RETURNABLE, returnable.told_of(line))),)


def _option(line: SaleLine, taken: int, whole: Worths, currency: str) -> Line:
    """What remains of it and its worth; once chosen, how much of that, and the worth of it."""
    left = format_quantity(line.remaining)
    if line.kind is LineKind.DISCOUNT:
        return Line(say("flows.discount", name=line.name), charged(line, currency))
    worth = worth_of_part(whole.get(line.line, 0), line, taken or line.remaining)
    total = format_amount(worth, currency)
    if taken:
        words = say("flows.taken", name=line.name, taken=format_quantity(taken), left=left)
        return heading(words, total)
    if not line.returnable:
        return Line(say("flows.shut_line", name=line.name, left=left), total)
    if line.kind is LineKind.FEE:
        return Line(say("flows.fee", name=line.name, left=left), total)
    return Line(f"{line.name} ×{left}", total)


def _left_of(line: SaleLine, whole: Worths) -> int:
    """What all that remains of it brings, as the list has it: a price tag may say more."""
    return worth_of_part(whole.get(line.line, 0), line, line.remaining)


async def _ask_quantity(desk: Desk, line: SaleLine, worth: int, currency: str) -> int:
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
            "refund.quantity",
            say("flows.quantity"),
            _lines(line, wrong, with_symbol(worth, currency)),
            hint=hint,
        )
        typed = await digits(desk.ui, page, entry)
        quantity = int(typed) * unit if typed else line.remaining
        if quantity <= line.remaining:
            return quantity
        wrong = say("rules.line", name=line.name, left=format_quantity(line.remaining))
        desk.ui.beep()


def _lines(line: SaleLine, wrong: Words | None, worth: str) -> tuple[Line, ...]:
    return (
        *([] if wrong is None else [heading(wrong)]),
        Line(line.name, worth),
        Line(say("flows.remaining"), f"×{format_quantity(line.remaining)}"),
        *([Line(say("flows.whole_line"))] if wrong is None else []),
    )


def _shown(typed: str, unit: int) -> str:
    if not typed or unit == SCALE:
        return typed
    return f"{int(typed) // SCALE}.{int(typed) % SCALE:0{DECIMALS}d}"

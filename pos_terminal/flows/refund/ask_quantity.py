"""How much of one line comes back: typed, or by scanning piece after piece (R11, R72)."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.quantity import DECIMALS, SCALE, format_quantity
from pos_terminal.core.sale import SaleLine
from pos_terminal.core.scan_goods import is_weighed
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import InputEvent, Scanned
from pos_terminal.ui.ask import Entry, Remark, Typed, digits_or, heading
from pos_terminal.ui.page import Line, Page

MOST_DIGITS = 12


async def ask_quantity(desk: Desk, line: SaleLine, worth: int, currency: str) -> int | Scanned:
    """Thousandths; asked again until it is no more than remains. None of it takes it out again.

    What is scanned instead is the answer as long as nothing was typed: who scans counts by
    scanning. Behind a number that was typed it is not taken, since enter is missing.
    """
    unit = 1 if is_weighed(line) else SCALE
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
        so_far = Typed()

        def scanned(event: InputEvent, so_far: Typed = so_far) -> Scanned | Remark | None:
            if not isinstance(event, Scanned):
                return None
            return Remark(say("flows.enter_first")) if so_far.text else event

        typed = await digits_or(desk.ui, page, entry, scanned, kept=so_far)
        if isinstance(typed, Scanned):
            return typed
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

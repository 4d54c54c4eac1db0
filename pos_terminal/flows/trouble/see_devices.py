"""What is broken, why, what to do, and whom to ring up: one page, by one key from home (R82)."""

from __future__ import annotations

from collections.abc import Iterator

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import InputEvent, Key, KeyPressed
from pos_terminal.ports.condition import Condition
from pos_terminal.texts import render
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line, Page

AWAY = frozenset(KeyPressed(key) for key in (Key.ENTER, Key.CANCEL, Key.DOT))


async def see_devices(desk: Desk) -> None:
    """Live, the line as well: it is tried while somebody looks."""

    def accept(event: InputEvent) -> bool | None:
        return True if event in AWAY else None

    with desk.authoriser.watched():
        await desk.ui.prompt(lambda: _page(desk), accept, fresh=True, cancellable=False)


def _page(desk: Desk) -> Page:
    found = desk.conditions()
    broken = [one for one in found if not one.up]
    all_well = (Line(say("devices.all_well")),) if all(one.well for one in found) else ()
    lines = (*all_well, *(line for one in found for line in _lines(desk, one)))
    support = desk.shop.support
    hint = say("devices.hint", support=support) if support else say("ui.enter")
    return Page("devices", say("devices.title"), lines, hint=hint, alert=bool(broken))


def _lines(desk: Desk, one: Condition) -> Iterator[Line]:
    name = say(f"devices.name_{one.name.replace('.', '_')}")
    if one.well:
        yield Line(name, render(say("devices.well"), desk.ui.language))
        return
    yield heading(name) if not one.up else Line(name)
    for words in (one.words, one.todo):
        if words is not None:
            yield Line(words)

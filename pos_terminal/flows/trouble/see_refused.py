"""Records of the sales feed that could not be taken, until somebody has seen them (R9)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import InputEvent, Key, KeyPressed
from pos_terminal.ports.books.feed import Refusal
from pos_terminal.texts.problems import words
from pos_terminal.ui.ask import heading, tell_empty
from pos_terminal.ui.page import Line, Page


async def see_refused(desk: Desk) -> None:
    """The files that they came in, newest first. Menu: they are seen to, and counted no more;
    enter alone leaves them."""
    found = desk.ledger.feed.refusals()
    title = say("feed.list")
    if not found:
        await tell_empty(desk.ui, "feed.refused", title, say("feed.none"))
        return
    lines = tuple(line for one in found for line in _lines(desk, one))
    page = Page("feed.refused", title, lines, hint=say("feed.seen_hint"))
    if await desk.ui.prompt(page, _key, fresh=True) is Key.MENU:
        await desk.ledger.feed.see_to([one.number for one in found], desk.clerk.number)


def _key(event: InputEvent) -> Key | None:
    match event:
        case KeyPressed(Key.MENU | Key.ENTER as key):
            return key
        case _:
            return None


def _lines(desk: Desk, refusal: Refusal) -> list[Line]:
    """File and number of records, and what is wrong with the first of them."""
    first = refusal.first
    where = [Line(say("feed.line"), str(first.line))] if first.line else []
    return [
        heading(refusal.name, str(refusal.records)),
        Line(f"{desk.shop.local(refusal.at):%Y-%m-%d %H:%M}"),
        *where,
        Line(words(first)),
    ]

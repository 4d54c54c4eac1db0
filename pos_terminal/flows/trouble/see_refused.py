"""Records of the sales feed that could not be taken, until somebody has seen them (R9)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports.books.feed import Refusal
from pos_terminal.texts.problems import words
from pos_terminal.ui.ask import confirm, heading
from pos_terminal.ui.page import Line, Page


async def see_refused(desk: Desk) -> None:
    """The files that they came in, newest first. Enter: they are seen to, and counted no more."""
    found = desk.ledger.feed.refusals()
    title = say("feed.list")
    if not found:
        page = Page("feed.refused", title, (Line(say("feed.none")),), hint=say("ui.enter"))
        await confirm(desk.ui, page)
        return
    lines = tuple(line for one in found for line in _lines(desk, one))
    await confirm(desk.ui, Page("feed.refused", title, lines, hint=say("feed.seen_hint")))
    await desk.ledger.feed.see_to([one.number for one in found], desk.clerk.number)


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

"""What the readers allow while a card is asked for: only what works is asked for (issue 8, 8)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.the_line import line_or_word
from pos_terminal.ports.condition import Condition
from pos_terminal.ui.ask import confirm, heading
from pos_terminal.ui.page import Line, Page

_CONTACT: Final = "reader.contact"
_TAP: Final = "reader.tap"


async def ready_or_word(desk: Desk, *lines: Line) -> None:
    """Before anybody types a PIN for what needs a card: no reader that works is said, then as
    ``line_or_word``."""
    await _reader_or_word(desk, *lines)
    await line_or_word(desk, *lines)


async def _reader_or_word(desk: Desk, *lines: Line) -> None:
    """Until the clerk goes on all the same. Cancelled."""
    seen = CardReadersSeen(desk)
    if not seen.all_out:
        return

    def page() -> Page:
        said, next_step = seen.lines()
        body = (*said, next_step, *lines) if seen.all_out else (*said, *lines)
        hint = say("flows.readers_hint")
        return Page("readers.out", say("flows.readers"), body, hint=hint, alert=seen.all_out)

    await confirm(desk.ui, page)


class CardReadersSeen:
    """While one prompt is on the screen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._were_out = False
        """One was away since the prompt came: its return is said, until the prompt is another."""

    @property
    def all_out(self) -> bool:
        """Whether there are readers, and none works."""
        found = self._found()
        return bool(found) and not any(one.up for one in found)

    def _found(self) -> list[Condition]:
        return [one for one in self._desk.conditions() if one.name in (_CONTACT, _TAP)]

    def lines(self) -> tuple[tuple[Line, ...], Line]:
        """What is out and why, or back again; and what is asked of whoever stands there."""
        found = self._found()
        out = [one for one in found if not one.up]
        usable = {one.name for one in found if one.up}
        if not out:
            back = (heading(say("flows.reader_back")),) if self._were_out else ()
            return back, Line(say(_ASK.get(frozenset(usable), "flows.insert_or_tap")), large=True)
        self._were_out = True
        if usable:
            names = tuple(heading(say(f"flows.out_{one.name.replace('.', '_')}")) for one in out)
            return names, Line(say(_ASK[frozenset(usable)]), large=True)
        causes = {one.words.code: one.words for one in out if one.words is not None}
        why = (Line(words) for words in causes.values())
        return (heading(say("flows.readers_out")), *why), Line(say("flows.readers_out_next"))


_ASK: Final = {
    frozenset({_CONTACT}): "flows.insert_only",
    frozenset({_TAP}): "flows.tap_only",
}

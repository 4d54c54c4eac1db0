"""Why the money goes back: compulsory, from the shop's list (R15)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.policy_options import Reason
from pos_terminal.ports import Key
from pos_terminal.texts import Language
from pos_terminal.ui.ask import Typed, choose_or, text
from pos_terminal.ui.page import Line, Page

MOST_CHARACTERS = 40


async def ask_reason(desk: Desk, about: tuple[Line, ...], note: Typed) -> Reason:
    """The reason; the reference goes into ``note``, where it asks for one or the clerk adds one.

    The screen also says what it is ``about``. The menu key leads to the reference and back.
    """
    reasons = desk.shop.reasons
    chinese = desk.ui.language is Language.ZH_CN
    options = [Line(reason.zh if chinese else reason.en) for reason in reasons]
    while True:
        noted = (Line(say("flows.noted", note=note.text)),) if note.text else ()
        lines = (*about, *noted)
        page = Page("refund.reason", say("flows.reason"), lines, hint=say("flows.reason_hint"))
        picked = await choose_or(desk.ui, page, options, menu_key, first=None, options_first=True)
        reason = None if isinstance(picked, Key) else reasons[picked]
        with BackHere():
            if reason is None or (reason.note and not note.text):
                await _ask_note(desk, note)
            if reason is not None:
                return reason


async def _ask_note(desk: Desk, note: Typed) -> None:
    """Typed or scanned; may be empty."""
    page = Page("refund.note", say("flows.reason"), (Line(say("flows.note")),))
    note.text = await text(desk.ui, page, MOST_CHARACTERS, note.text)

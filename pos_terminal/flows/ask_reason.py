"""Why the money goes back: compulsory, from the shop's list (R15)."""

from __future__ import annotations

from pos_terminal.config import Reason
from pos_terminal.core.eligibility import Choice
from pos_terminal.core.words import say
from pos_terminal.flows.desk import Desk
from pos_terminal.texts import Language
from pos_terminal.ui.ask import choose, heading, text
from pos_terminal.ui.page import Line, Page

MOST_CHARACTERS = 40


async def ask_reason(desk: Desk, choice: Choice) -> tuple[Reason, str]:
    """The reason, and the reference typed with it where the reason asks for one.

    The screen also says whether it will be a void or a refund, and why (R10).
    """
    reasons = desk.shop.reasons
    chinese = desk.ui.language is Language.ZH_CN
    page = Page("refund.reason", say("flows.reason"), (heading(choice.why),))
    options = [Line(reason.zh if chinese else reason.en) for reason in reasons]
    reason = reasons[await choose(desk.ui, page, options)]
    note = ""
    if reason.note:
        note_page = Page("refund.note", say("flows.reason"), (Line(say("flows.note")),))
        note = await text(desk.ui, note_page, MOST_CHARACTERS)
    return reason, note

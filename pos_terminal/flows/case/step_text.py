"""What is said of a step: a phrase of the shop's, by its digit; or digits, or a scan (R45)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pos_terminal.core.case_step import StepKind
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.secret_code import ask_text
from pos_terminal.policy_options import named
from pos_terminal.ports import Key
from pos_terminal.ui.ask import choose_or, heading
from pos_terminal.ui.page import Line, Page

_MOST: Final = 40
"""Characters that are typed or scanned."""


async def ask_step_text(desk: Desk, kind: StepKind, cards: Sequence[str]) -> str:
    """In the language of the screen. The menu key leads to digits or a scan; empty: nothing."""
    title, about = say("cases.which_step"), (heading(say(f"cases.step_{kind.value}")),)
    phrases = desk.shop.phrases
    if phrases:
        page = Page("case.phrase", title, about, hint=say("cases.phrase_hint"))
        options = [Line(named(one, desk.ui.language)) for one in phrases]
        picked = await choose_or(desk.ui, page, options, menu_key, first=None)
        if not isinstance(picked, Key):
            return named(phrases[picked], desk.ui.language)
    page = Page("case.text", title, (*about, Line(say("cases.text"))))
    return (await ask_text(desk, page, _MOST, cards=cards)).strip()

"""Whether a page that sends the clerk to the manual form has a key that leads there (R38)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.words import Words
from pos_terminal.flows.common.another_way import TO_FORM
from pos_terminal.ui.page import Line, Page

HINTS: Final = frozenset(
    f"tenders.{name}" for name in ("form_hint", "form_hint_on", "sale_hint", "turned_away_hint")
)
"""They name the key."""
_WAITS: Final = frozenset({"print.wait", "card.remove"})
"""The outcome, before any key is taken: the page behind it says it again, with the key."""


def faults(page: Page) -> list[str]:
    sent = [place for place, line in enumerate(page.lines) if _code(line) in TO_FORM]
    if not sent or page.name in _WAITS or (page.hint is not None and page.hint.code in HINTS):
        return []
    if page.name == "ticket.plan":  # a leg's own digit, in the row above
        before = [str(page.lines[place - 1].words) for place in sent]
        return [f"{page.name}: {one}" for one in before if not one[:1].isdigit()]
    return [f"{page.name}: {_code(page.lines[place])}" for place in sent]


def _code(line: Line) -> str:
    return line.words.code if isinstance(line.words, Words) else ""

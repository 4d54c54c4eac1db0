"""Whom a clerk rings up, beside what only a technician can mend (R82)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.words import Words, say
from pos_terminal.ui.page import Line

_AREAS: Final = frozenset({"clock", "display", "keys", "start"})
_CODES: Final = frozenset(
    {
        "flows.defect",
        "flows.no_home",
        "ledger.busy",
        "ledger.damaged",
        "ledger.full",
        "ledger.io",
        "ledger.no_keys",
        "ledger.readonly",
        "ledger.rolled_back",
        "ledger.tampered",
        "ledger.unreadable",
    }
)


def support_line(words: Words, support: str) -> tuple[Line, ...]:
    """The hot line, where there is one and what is said is trouble of the terminal's own."""
    area = words.code.partition(".")[0]
    if not support or (area not in _AREAS and words.code not in _CODES):
        return ()
    return (Line(say("flows.support"), support),)

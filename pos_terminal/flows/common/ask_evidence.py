"""What shows that something is so: kind and reference, up to five (R75)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.evidence import MOST_EVIDENCE, EvidenceItem, EvidenceKind
from pos_terminal.core.finds_again import names_one
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.secret_code import ask_text
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.ports import Key
from pos_terminal.ui.ask import choose_or, heading
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

MOST_CHARACTERS: Final = 40


async def ask_evidence(
    desk: Desk, cards: Sequence[str], *, needed: bool, about: tuple[Line, ...] = ()
) -> tuple[EvidenceItem, ...]:
    """The menu key ends it, once there is what is ``needed``. ``cards``: masked numbers that may
    stand in a reference. Cancel leads back to the piece before, where there is one."""
    kinds = list(EvidenceKind)
    options = [Line(say(f"tenders.evidence_{kind.value}")) for kind in kinds]
    items: list[EvidenceItem] = []
    missing = False
    while len(items) < MOST_EVIDENCE:
        told = [heading(say("tenders.evidence_needed"))] if missing else []
        collected = (Line(say(f"tenders.evidence_{i.kind.value}"), i.reference) for i in items)
        page = Page(
            "evidence.kind",
            say("tenders.which_evidence"),
            (*told, *about, *collected),
            hint=say("tenders.evidence_hint"),
        )
        try:
            picked = await choose_or(desk.ui, page, options, menu_key, first=None)
        except LogOut:
            raise
        except Cancelled:
            if not items:
                raise
            last = items.pop()
            with BackHere():
                items += await _piece(desk, cards, last.kind, last.reference)
            continue
        missing = False
        if not isinstance(picked, Key):
            with BackHere():
                items += await _piece(desk, cards, kinds[picked])
        elif items or not needed:
            break
        else:
            desk.ui.beep()
            missing = True
    return tuple(items)


async def _piece(
    desk: Desk, cards: Sequence[str], kind: EvidenceKind, typed: str = ""
) -> list[EvidenceItem]:
    """Nothing typed is no piece of it."""
    named = heading(say(f"tenders.evidence_{kind.value}"))
    lines = (named, Line(say("tenders.evidence_reference")))
    page = Page("evidence.reference", say("tenders.evidence"), lines)
    while True:
        typed = (await ask_text(desk, page, MOST_CHARACTERS, typed, cards=cards)).strip()
        if names_one(typed):
            return [EvidenceItem(kind, typed)]
        desk.ui.beep()
        if not typed:
            return []
        page = replace(page, hint=say("manual.too_short"))

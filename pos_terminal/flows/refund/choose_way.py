"""Which other way a payment goes back, and what shows why (R34, R75)."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from pos_terminal.core.evidence import MOST_EVIDENCE, EvidenceItem, EvidenceKind
from pos_terminal.core.finds_again import names_one
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.tenders import Another, Basis, Way
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.another_way import form_of, ways_of
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.name_leg import leg_name, which_leg
from pos_terminal.flows.common.secret_code import ask_text
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.ports import Key
from pos_terminal.texts import render
from pos_terminal.ui.ask import choose, choose_or, heading
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

MOST_CHARACTERS: Final = 40


async def choose_way(desk: Desk, sale: Sale, leg: Tender, *, by_gift: bool = False) -> Way:
    """The exception and where it leads, as the shop lists them. Failure ``tenders.none`` where what
    opened them has gone meanwhile: with a sale that was typed, when the till told it."""
    there = ways_of(desk, sale, leg, by_gift=by_gift)
    if not there:
        raise Failure("tenders.none")
    about = () if by_gift else which_leg(sale, leg)
    page = Page("exception", say("tenders.which"), about, hint=say("ui.by_digit"))
    return there[await choose(desk.ui, page, [way_line(desk, one) for one in there], first=None)]


async def its_form(desk: Desk, sale: Sale, leg: Tender) -> Another | None:
    """The form, where a text has sent there: asked is what shows why alone, and only where
    the shop wants it. None: nothing is left of it."""
    way = form_of(desk, sale, leg, sent=True)
    if way is None:
        return None
    if not way.evidence:
        return Another(way, Basis(way.exception))
    about = (heading(leg_name(sale, leg)), way_line(desk, way))
    return Another(way, await collect_evidence(desk, sale, way, about))


def way_line(desk: Desk, way: Way) -> Line:
    to = render(say(f"tenders.to_{way.back.value}"), desk.ui.language)
    return Line(say(f"tenders.exception_{way.exception.value}"), to)


def shown(basis: Basis | None) -> tuple[Line, ...]:
    """Why it goes another way, and what shows it: the supervisors see both."""
    if basis is None:
        return ()
    evidence = (
        Line(say(f"tenders.evidence_{one.kind.value}"), one.reference) for one in basis.evidence
    )
    return (heading(say(f"tenders.exception_{basis.exception.value}")), *evidence)


async def collect_evidence(desk: Desk, sale: Sale, way: Way, about: tuple[Line, ...] = ()) -> Basis:
    """Kind and reference, up to five; the menu key ends it, once there is what is needed.

    Cancel leads back to the piece before, where there is one.
    """
    kinds = list(EvidenceKind)
    options = [Line(say(f"tenders.evidence_{kind.value}")) for kind in kinds]
    items: list[EvidenceItem] = []
    needed = False
    while len(items) < MOST_EVIDENCE:
        told = [heading(say("tenders.evidence_needed"))] if needed else []
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
                items += await _piece(desk, sale, last.kind, last.reference)
            continue
        needed = False
        if not isinstance(picked, Key):
            with BackHere():
                items += await _piece(desk, sale, kinds[picked])
        elif items or not way.evidence:
            break
        else:
            desk.ui.beep()
            needed = True
    return Basis(way.exception, tuple(items))


async def _piece(desk: Desk, sale: Sale, kind: EvidenceKind, typed: str = "") -> list[EvidenceItem]:
    """Nothing typed is no piece of it."""
    named = heading(say(f"tenders.evidence_{kind.value}"))
    lines = (named, Line(say("tenders.evidence_reference")))
    page = Page("evidence.reference", say("tenders.evidence"), lines)
    cards = [one.card.masked or "" for one in sale.tenders if one.card]
    while True:
        typed = (await ask_text(desk, page, MOST_CHARACTERS, typed, cards=cards)).strip()
        if names_one(typed):
            return [EvidenceItem(kind, typed)]
        desk.ui.beep()
        if not typed:
            return []
        page = replace(page, hint=say("manual.too_short"))

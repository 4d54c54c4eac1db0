"""Which other way a payment goes back, and what shows why (R34, R75)."""

from __future__ import annotations

from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.tenders import Another, Basis, Way
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.another_way import form_of, ways_of
from pos_terminal.flows.common.ask_evidence import ask_evidence
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.name_leg import leg_name, which_leg
from pos_terminal.texts import render
from pos_terminal.ui.ask import choose, heading
from pos_terminal.ui.page import Line, Page


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
    """As much as this way takes."""
    cards = [one.card.masked or "" for one in sale.tenders if one.card]
    items = await ask_evidence(desk, cards, needed=way.evidence, about=about)
    return Basis(way.exception, items)

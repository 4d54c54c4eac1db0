"""Exchange credits: what the till took and what went back of them is never more than came (R37)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from hw_sim.proofs.simulation.later_sale import TakenBook
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.refund import Kind, Refund, State

_CREDITS: Final = """SELECT c.*, a.ticket FROM exchange_credits c JOIN refunds r USING (refund_id)
    JOIN applications a ON a.number = r.application ORDER BY c.refund_id"""
_TICKETS: Final = "SELECT number, ticket, place FROM applications"


def exchange_credits(site: Site, refunds: Sequence[Refund]) -> Iterator[str]:
    """By the book of the till, which knows no more than it was answered, where there is one."""
    book = site.taken or TakenBook()
    printed = site.parts.printer.texts()
    places = {n: (ticket, place) for n, ticket, place in site.ledger.db.execute(_TICKETS)}
    of: dict[int, list[Refund]] = defaultdict(list)
    for refund in sorted(refunds, key=lambda one: (places[one.application], one.refund_id)):
        of[places[refund.application][0]].append(refund)
    known = site.ledger.db.execute(_CREDITS).fetchall()
    for row in known:
        number, ticket = row["number"], row["ticket"]
        about = f"exchange credit {number[-4:]} of ticket {ticket}"
        legs = [one for one in of[ticket] if one.kind is Kind.EXCHANGE_CREDIT]
        rest = [one for one in of[ticket] if one.kind is not Kind.EXCHANGE_CREDIT]
        taken = row["taken"] if site.taken is None else book.taken[number]
        if taken != row["taken"] or sum(one.amount for one in legs) != row["amount"]:
            yield f"{about}: the till took {taken} of {row['amount']}, the ledger has {dict(row)}"
        yield from _spread(about, legs, taken)
        yield from _of_each_leg(about, legs, rest)
        open_ = {one.state is State.SET_ASIDE for one in legs}
        if open_ != {row["state"] == "open"}:
            yield f"{about} is {row['state']}: {[one.state for one in legs]}"
        if row["state"] == "open" and (rest or number in book.settled):
            yield f"{about} is open, and {len(rest)} refunds of its rest were begun"
        if sum(number in text for text in printed) > 1:
            yield f"{about} is on two papers"
    if strange := book.taken.keys() - {row["number"] for row in known}:
        yield f"the till took of {strange}, which nobody made"
    credited = {row["ticket"] for row in known}
    for ticket, own in of.items():
        if ticket not in credited and any(one.kind is Kind.EXCHANGE_CREDIT for one in own):
            yield f"ticket {ticket} set something aside for the till, and has no number"


def _spread(about: str, legs: Sequence[Refund], taken: int) -> Iterator[str]:
    """What the till took is spent on the payments in their order."""
    for leg in legs:
        share = min(taken, leg.amount)
        if leg.done != share:
            yield f"{about}, leg {leg.leg}: {leg.done} of it is spent, {share} is due"
        taken -= share


def _of_each_leg(about: str, legs: Sequence[Refund], rest: Sequence[Refund]) -> Iterator[str]:
    """Taken and given back together are no more than was set aside there."""
    for leg in legs:
        own = sum(one.done for one in rest if one.leg == leg.leg)
        if own + leg.done > leg.amount:
            yield f"{about}, leg {leg.leg}: {leg.done} taken and {own} back of {leg.amount}"

"""A ticket is its legs: each goes back once or is to do; its cash with one opening (R35, R36)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.application import Withdrawn
from pos_terminal.core.refund import LAPSED, Kind, Refund, State

_LEGS: Final = """SELECT number, ticket, place, state, kept, amount, why, kind
    FROM applications WHERE leg > 0"""
_AGAIN: Final = """SELECT facts ->> 'refund' AS refund, count(*) FROM audit
    WHERE kind = 'drawer_again' GROUP BY 1"""
_AGREED: Final = "SELECT application FROM approvals WHERE rule = 'drawer_again'"
_OPENED: Final = "SELECT application FROM refunds WHERE drawer > 0 ORDER BY refund_id"
_APPROVED: Final = """SELECT p.application, p.plan FROM approvals p
    JOIN applications a ON a.number = p.application
    WHERE p.plan != '' AND a.kind != 'exchange_credit'"""
"""All legs of an exchange credit have one commit: before it nothing was promised."""


def tickets(site: Site, refunds: Iterable[Refund]) -> Iterator[str]:
    rows = site.ledger.db.execute(_LEGS).fetchall()
    several = {row["ticket"] for row in rows if row["place"] > 1}
    own: dict[int, list[Refund]] = defaultdict(list)
    for refund in refunds:
        own[refund.application].append(refund)
    to_do = {one.number for one in site.ledger.applications.to_do()}
    plans = dict(site.ledger.db.execute(_APPROVED).fetchall())
    for row in rows:
        number, state = row["number"], row["state"]
        lasting = [one for one in own[number] if one.state not in LAPSED]
        ended = [one for one in own[number] if one.state is not State.NOT_SENT]
        if len(lasting) > 1 or (row["ticket"] not in several and len(ended) > 1):
            yield f"application {number} has {len(own[number])} refunds"
        if sum(one.done for one in lasting) > row["amount"]:
            yield f"application {number}: more than its {row['amount']} was given back"
        if row["ticket"] not in several:
            continue
        if (state == "open" and bool(row["kept"])) != (number in to_do):
            yield f"application {number} of ticket {row['ticket']} is lost from what is to do"
        if row["kind"] == Kind.EXCHANGE_CREDIT:  # nothing is promised before its commit
            continue
        if state == "open" and not row["kept"] and number in plans:
            yield f"application {number} was approved, and no start would keep it"
        if row["why"] == Withdrawn.RESTART and number in plans:
            yield f"application {number} was approved, and a start forgot it"
        later = [one for one in rows if one["ticket"] == row["ticket"] and one["number"] > number]
        # what people let go of on paper (a form) may be asked for anew, by whoever comes for it
        withdrawn = any(one.state is State.WITHDRAWN for one in own[number])
        to_be_done = state == "failed" and not withdrawn
        if to_be_done and row["place"] not in {one["place"] for one in later}:
            yield f"application {number} failed and is not to do"
    yield from _drawer(site, {row["number"]: row["ticket"] for row in rows})


def _drawer(site: Site, ticket_of: dict[int, int]) -> Iterator[str]:
    """One opening of the drawer for all cash of a ticket, one more for each supervisor’s yes."""
    again = {int(refund): count for refund, count in site.ledger.db.execute(_AGAIN)}
    opened: Counter[int] = Counter()
    for row in site.ledger.db.execute("SELECT refund_id, application, drawer FROM refunds"):
        opened[ticket_of[row["application"]]] += row["drawer"] - again.get(row["refund_id"], 0)
    for ticket, count in opened.items():
        if count > 1:
            yield f"the drawer was opened {count} times for ticket {ticket}"
    agreed = {number for (number,) in site.ledger.db.execute(_AGREED)}
    first: set[int] = set()
    for row in site.ledger.db.execute(_OPENED):
        ticket = ticket_of[row["application"]]
        if ticket in first and row["application"] not in agreed:
            yield f"nobody agreed that the drawer opens again for application {row['application']}"
        first.add(ticket)

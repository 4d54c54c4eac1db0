"""What goods open again that an exchange credit paid for: by what tills took and said (R37)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from hw_sim.proofs.simulation.later_sale import BoughtBook, LaterSale
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.refund import Kind, Refund

_LEGS: Final = """SELECT r.refund_id, r.amount FROM exchange_credits c
    JOIN refunds f ON f.refund_id = c.refund_id JOIN applications b ON b.number = f.application
    JOIN applications a ON a.ticket = b.ticket
    JOIN refunds r ON r.application = a.number AND r.kind = 'exchange_credit'
    WHERE c.number = ? ORDER BY a.place, r.refund_id"""
_SAME: Final = """SELECT r.refund_id, r.leg, r.done, r.amount FROM refunds r
    JOIN applications a ON a.number = r.application
    JOIN exchange_credits c ON c.number = ? JOIN refunds f ON f.refund_id = c.refund_id
    WHERE a.ticket = ? AND r.sale_key = f.sale_key AND r.kind != 'exchange_back'
    AND a.opened_at >= (SELECT min(g.sealed_at) FROM applications b
        JOIN refunds g ON g.application = b.number
        WHERE b.ticket = a.ticket AND g.kind = 'exchange_back')"""
"""What goes back of a credit's first sale since its goods came back in a ticket; what that sale's
own goods bring in the same visit was asked for before."""


_TOLD: Final = "SELECT of_refund, sum(amount) FROM reopened GROUP BY of_refund"


def opened(site: Site) -> Mapping[int, int]:
    """By what it was spent on: refunds of the credits' legs, the first first, as far as the till
    took so much. Of the goods it counts what their own refunds say, and nothing else; by the
    ledger's own rows where no simulated till sold them."""
    if site.credits is None:
        return dict(map(tuple, site.ledger.db.execute(_TOLD)))
    by_refund: Counter[int] = Counter()
    for number, backs in _backs(site).items():
        left, taken = sum(one.done for one in backs), _taken(site, number)
        for refund_id, amount in site.ledger.db.execute(_LEGS, (number,)):
            spent = min(taken, amount)
            by_refund[refund_id] = min(left, spent)
            taken, left = taken - spent, left - by_refund[refund_id]
    return by_refund


def reopened(site: Site) -> Iterator[str]:
    """No more than the till took, of no sale that it voided, and no more of it goes anywhere."""
    voided = (site.bought or BoughtBook()).voided
    for number, backs in _backs(site).items():
        about = f"exchange credit {number[-4:]}"
        if sum(one.done for one in backs) > _taken(site, number):
            yield f"{about}: {backs} are open again, {_taken(site, number)} was taken"
        of_ticket: Counter[int] = Counter()
        for one in backs:
            of_ticket[site.application(one.application).ticket] += one.done
        for ticket, most in of_ticket.items():
            rows = site.ledger.db.execute(_SAME, (number, ticket)).fetchall()
            if (again := sum(row["done"] for row in rows)) > most:
                yield f"{about}: {again} went back in ticket {ticket}, which opened {most}"
    for sold, refunds in _bought(site):
        last = voided.get(sold.sample.sale_id)
        late = [one.refund_id for one in refunds if last is not None and one.refund_id > last]
        if late:
            yield f"{sold.sample.sale_id}: {late} were begun after the till voided it"


def _taken(site: Site, number: str) -> int:
    return 0 if site.taken is None else site.taken.taken[number]


def _backs(site: Site) -> Mapping[str, Sequence[Refund]]:
    """By the credit that paid, as its till said."""
    found: dict[str, list[Refund]] = defaultdict(list)
    for sold, refunds in _bought(site):
        found[sold.exchange] += [one for one in refunds if one.kind is Kind.EXCHANGE_BACK]
    return found


def _bought(site: Site) -> Iterator[tuple[LaterSale, Sequence[Refund]]]:
    for one in () if site.credits is None else site.credits.told:
        if one.exchange:
            sale = site.sale(one.sample.sale_id)
            yield one, site.ledger.refunds.of_sale(sale.key)

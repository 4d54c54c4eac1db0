"""What each card that was laid into a reader is, and what the terminal took it for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from hw_sim.bench.sample_sales import SampleTender
from hw_sim.cards.card_files import cards
from hw_sim.proofs.simulation.invariants.messages import asked
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.pan import Pan
from pos_terminal.core.refund import CardMatch

_WRONG: Final = """SELECT a.facts, sale_key, leg FROM audit a
    JOIN applications ON number = a.facts ->> 'application' WHERE a.kind = 'wrong_card'"""
_BY_CARD: Final = """SELECT refund_id, batch, stan, sale_key, leg, match, masked, scheme, funding
    FROM refunds WHERE stan IS NOT NULL"""
_ENDED: Final = """SELECT d.application, d.facts -> 'figures' ->> 'tries' AS tries,
    (SELECT count(*) FROM audit a WHERE a.kind = 'wrong_card'
    AND a.facts ->> 'application' = d.application) AS shown,
    (SELECT count(*) FROM applications l JOIN applications o USING (ticket)
    WHERE l.number = d.application AND o.leg > 0) AS legs
    FROM decisions d WHERE d.facts ->> 'rule' = 'card_match' AND tries IS NOT NULL"""
_BY_RRN: Final = "SELECT sale_key, leg FROM tenders WHERE rrn = ?"
_Leg = tuple[int, int]


def right_card(site: Site) -> Iterator[str]:
    """R27: no card that has the payment's number in any of its applications was called another
    one, and only three others ended an application; what went out and is in the ledger is that
    very number, with the scheme of its application."""
    legs = dict(_legs(site))
    yield from _called_wrong(site, legs)
    legs |= _told_late(site)
    for row in site.ledger.db.execute(_ENDED):
        # of a ticket it is asked for again after a card that fits another leg, and another day
        if row["shown"] < row["tries"] or (row["legs"] == 1 and row["shown"] > row["tries"]):
            yield f"application {row['application']} ended after {row['shown']} other cards"
    sent = {key: fields.get(2) for _, key, fields in asked(site)}
    for row in site.ledger.db.execute(_BY_CARD):
        leg = legs.get((row["sale_key"], row["leg"]))  # None: of a sale that was told later
        about = f"refund {row['refund_id']}"
        number = sent.get((row["batch"], row["stan"]), row["masked"])
        if number != row["masked"]:
            yield f"{about}: {number} went out, {row['masked']} is in the ledger"
        if row["match"] == CardMatch.EXACT and leg is not None and leg.card is not None:
            if row["masked"] != Pan(leg.card.pan).masked:
                yield f"{about}: {row['masked']} is not the number of its payment"
            if (row["scheme"], row["funding"]) != (leg.card.scheme, leg.card.funding):
                yield f"{about}: {row['scheme']} {row['funding']} is another application's"


def _legs(site: Site) -> Iterator[tuple[_Leg, SampleTender]]:
    keys = dict(site.ledger.db.execute("SELECT sale_id, sale_key FROM sales"))
    for sample in site.shop.sales:
        for leg, tender in enumerate(sample.tenders, 1):
            yield (keys[sample.sale_id], leg), tender


def _told_late(site: Site) -> dict[_Leg, SampleTender]:
    """Payments that were typed, or told late: by their references."""
    found = {}
    for one in site.purchases:
        for row in site.ledger.db.execute(_BY_RRN, (one.rrn,)):
            found[row["sale_key"], row["leg"]] = one.sample.tenders[one.place - 1]
    return found


def _called_wrong(site: Site, legs: dict[_Leg, SampleTender]) -> Iterator[str]:
    plastics = [{Pan(one).masked: one for one in card.numbers()} for card in cards().values()]
    for row in site.ledger.db.execute(_WRONG):
        leg = legs.get((row["sale_key"], row["leg"]))
        card = None if leg is None else leg.card
        shown = set(json.loads(row["facts"])["card"].split())
        for numbers in plastics:
            if card is not None and shown <= numbers.keys() and card.pan in numbers.values():
                yield f"a card with the number of its payment was called another one: {shown}"

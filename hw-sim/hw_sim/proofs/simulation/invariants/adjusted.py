"""Totals that the till told later: counted at once, never given back above, a case below.

The ledger's own log tells in which order refunds, totals and closings became durable; what each
total was is the till's to say. Nothing here asks the ledger how it counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hw_sim.bench.sample_sales import SampleTender
from hw_sim.proofs.simulation.adjustment import Adjustment
from hw_sim.proofs.simulation.invariants.balances import Sold
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import HOLDING, Kind, State
from pos_terminal.core.sale import Sale
from pos_terminal.core.sale_event import SaleEvent

Facts = Mapping[str, Any]
Place = tuple[int, int]
"""The ledger's key of a sale, and the leg."""
Told = tuple[str, int, int]
"""What a case is about: the event's key, the sale's, and how much it is over."""

_TOLD: Final = "SELECT event_key, import_id FROM feed_events WHERE kind = ?"
_CASES: Final = """SELECT told, sale_key, over, state = 'open' AS open FROM cases WHERE kind = ?
    AND told NOT LIKE 'asked/%' AND told NOT LIKE 'voided/%'"""
"""But for those of a mistaken reference, which ``typed`` holds, and of a sale that was voided: a
story tells such, no day does."""


@dataclass(slots=True)
class _Leg:
    sale: Sale
    tender: SampleTender
    told: list[Adjustment] = field(default_factory=list)
    """As far as the ledger had them by then."""
    refunds: dict[int, int] = field(default_factory=dict)
    """What each has given back or holds."""
    counted: int = 0
    """Of what closed cases say was paid beside it,"""
    rest: int = 0
    """and what they found no room for: it is counted once there is a total with room."""
    voided: bool = False
    """The whole payment was taken back: nothing is left, whatever it is said to have been."""

    @property
    def newest(self) -> Adjustment | None:
        return max(self.told, key=lambda one: one.at, default=None)

    @property
    def total(self) -> int:
        newest = self.newest
        return self.tender.amount if newest is None else newest.total

    @property
    def given(self) -> int:
        return sum(self.refunds.values()) + self.counted

    @property
    def amount(self) -> int:
        return self.given if self.voided else max(self.total, self.given)


def adjusted(site: Site, sales: Iterable[Sold]) -> Iterator[str]:
    """Every total that the till told counts from the import that brought it."""
    told = {one.key: one for one in site.adjustments}
    known = {
        row["event_key"]: row["import_id"]
        for row in site.ledger.db.execute(_TOLD, (SaleEvent.ADJUSTED,))
    }
    if known.keys() != told.keys():
        yield f"the till told {sorted(told)}, the ledger has {sorted(known)}"
        return
    replay = _Replay(site, sales, told, known)
    yield from replay.problems()
    yield from _cases(site, replay.below)
    yield from _amounts(site, replay.legs, told)


def below(site: Site) -> int:
    """How many cases there are of totals below what was given back or held."""
    return len(site.ledger.db.execute(_CASES, (CaseKind.ELSEWHERE,)).fetchall())


class _Replay:
    """The log once more, entry by entry."""

    def __init__(
        self,
        site: Site,
        sales: Iterable[Sold],
        told: Mapping[str, Adjustment],
        known: Mapping[str, int],
    ) -> None:
        self._site = site
        self._told = told
        self._brought: dict[int, list[str]] = {}
        for event, import_id in known.items():
            self._brought.setdefault(import_id, []).append(event)
        self.legs: dict[Place, _Leg] = {}
        self._keys: dict[str, int] = {}
        for sample, sale, _ in sales:
            self._keys[sample.sale_id] = sale.key
            for leg, tender in enumerate(sample.tenders, 1):
                self.legs[sale.key, leg] = _Leg(sale, tender)
        self.below: set[Told] = set()
        """Totals below what was given back or held when they came."""
        self._cases: dict[int, Facts] = {}
        self._refunds: dict[int, Place] = {}

    def problems(self) -> Iterator[str]:
        """What was begun though the till's newest total, or a case, forbade it."""
        for kind, text in self._site.ledger.db.execute(
            "SELECT kind, facts FROM audit ORDER BY seq"
        ):
            facts: Facts = json.loads(text)
            match kind:
                case "refund":
                    yield from self._refund(facts)
                case "import":
                    self._import(facts)
                case "case" if facts["over"]:
                    self._cases[facts["number"]] = facts
                case "closing":
                    self._closing(facts)
                case "reopened":
                    self._reopened(facts)

    def _refund(self, facts: Facts) -> Iterator[str]:
        number, place = facts["refund"], (facts["sale_key"], facts["leg"])
        leg = self.legs.get(place)
        if leg is None:  # typed, blind, or told late: others count it
            return
        if number not in self._refunds:
            self._refunds[number] = place
            moves = facts["refund_kind"] != Kind.EXCHANGE  # of which no leg gives anything
            if moves and leg.given + facts["amount"] > leg.total:
                yield (
                    f"refund {number}: {facts['amount']} begun beside {leg.given} of a leg that"
                    f" the till had told to be of {leg.total}"
                )
            if any(case["sale_key"] == place[0] for case in self._cases.values()):
                yield f"refund {number} was begun on a sale with an open case"
        done = facts["done"] if facts["state"] != State.OVERPAID else 0
        held = facts["amount"] - done if facts["state"] in HOLDING else 0
        leg.refunds[number] = held + done
        if facts["state"] == State.RETURNED:
            back = self._site.came_back.get(number, 0)
            taken = min(back, leg.rest)
            leg.refunds[number] -= back - taken
            leg.rest -= taken
        leg.voided |= facts["refund_kind"] == Kind.VOID and facts["state"] == State.ACCEPTED

    def _reopened(self, facts: Facts) -> None:
        """By goods of another sale: what an exchange credit spent is not given back any more."""
        for leg in self.legs.values():
            if facts["of_refund"] in leg.refunds:
                leg.counted -= facts["amount"]

    def _import(self, facts: Facts) -> None:
        """All of its records are there before any of them is applied."""
        keys = self._brought.get(facts["import_id"], [])
        for key in keys:
            one = self._told[key]
            self.legs[self._keys[one.sale.sale_id], one.leg].told.append(one)
        for key in keys:
            one = self._told[key]
            sale_key = self._keys[one.sale.sale_id]
            leg = self.legs[sale_key, one.leg]
            if leg.newest is not one:
                continue
            if leg.given > one.total:
                self.below.add((key, sale_key, leg.given - one.total))
            taken = min(leg.rest, leg.amount - leg.given)
            leg.counted += taken
            leg.rest -= taken

    def _closing(self, facts: Facts) -> None:
        case = self._cases.pop(facts["number"], None)
        if case is None:
            return
        over = 0 if facts["one_payment"] else case["over"]
        if case["refund"] is not None:
            if case["refund"] not in self._refunds:  # of no sale of the morning
                return
            leg = self.legs[self._refunds[case["refund"]]]
        elif case["told"] in self._told:
            leg, over = self.legs[case["sale_key"], self._told[case["told"]].leg], 0
        else:
            return
        leg.counted += facts["counted"]
        leg.rest += over - facts["counted"]


def _cases(site: Site, below: set[Told]) -> Iterator[str]:
    """Where a total is below what was given back or held, and nowhere else, there is a case."""
    found = {tuple(row)[:3] for row in site.ledger.db.execute(_CASES, (CaseKind.ELSEWHERE,))}
    for key, _, over in sorted(below - found):
        yield f"{key} is {over} below what was given back, without a case"
    for key, _, over in sorted(found - below):
        yield f"a case of {key}, {over} over, which was not below what was given back"


def _amounts(
    site: Site, legs: Mapping[Place, _Leg], told: Mapping[str, Adjustment]
) -> Iterator[str]:
    """A leg is of its newest total, or of what was given back above it; at both sides."""
    waiting = {
        (row["sale_key"], told[row["told"]].leg)
        for row in site.ledger.db.execute(_CASES, (CaseKind.ELSEWHERE,))
        if row["open"] and row["told"] in told
    }
    theirs = {row["rrn"]: row["amount"] for row in site.acquirer.ledger() if row["kind"] == "sale"}
    for (sale_key, number), leg in legs.items():
        sale = leg.sale
        amount, right = sale.tender(number).amount, leg.amount
        if amount < right or (amount > right and (sale_key, number) not in waiting):
            yield f"{sale.sale_id}, leg {number}: of {amount}, by the till's totals of {right}"
        newest = leg.newest
        if newest is not None and newest.rrn is not None and theirs[newest.rrn] != leg.total:
            yield f"{sale.sale_id}, leg {number}: {theirs[newest.rrn]} at the acquirer"

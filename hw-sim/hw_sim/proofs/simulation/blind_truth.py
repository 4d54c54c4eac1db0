"""Who came without a receipt, by the number that they said and the card that they showed (R17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from hw_sim.proofs.simulation.people.no_receipt import TELEPHONES
from hw_sim.proofs.simulation.site import Site
from pos_terminal.ports import CardArrived, InputEvent, Key, KeyPressed

_GIVEN: Final = """SELECT a.seq, b.card IS NOT NULL AS by_card FROM audit a
    JOIN blind_sales b ON b.sale_key = a.facts ->> 'sale_key'
    WHERE a.seq > ? AND a.kind = 'refund' AND a.facts ->> 'state' = 'issued' ORDER BY a.seq"""
_REFUSED: Final = """SELECT facts ->> 'code' AS code, count(*) AS count FROM decisions
    WHERE facts ->> 'rule' = 'no_receipt' AND facts ->> 'answer' = 'deny' GROUP BY 1"""

_OTHER: Final = "another number"
"""Digits that nobody meant for a telephone, in front of others perhaps: not told apart here."""


class BlindTruth:
    """Told of every event of the counter before the terminal is."""

    def __init__(self, site: Site, laid: Callable[[], str]) -> None:
        """``laid``: the card that was laid into a reader last."""
        self._site = site
        self._laid = laid
        self._seen = 0
        self._entered = ""
        self._telephone = ""
        self._card = ""
        self.given: Counter[str] = Counter()
        """By telephone number and by plastic: how often goods without a receipt were credited."""
        site.watchers.append(self._hear)

    def _hear(self, event: InputEvent) -> None:
        self.look()
        terminal = self._site.alive
        prompt = "" if terminal is None else terminal.screen.prompt
        if prompt == "home":
            self._telephone = self._card = ""
        match event:
            case CardArrived() if prompt == "blind.card":
                self._card = self._laid()
            case KeyPressed(Key.ENTER):
                found = [one for one in TELEPHONES if self._entered.endswith(one)]
                if prompt == "blind.customer" and (found or self._entered):
                    self._telephone = found[0] if found else _OTHER
                self._entered = ""
            case KeyPressed(Key.CLEAR):
                self._entered = self._entered[:-1]
            case KeyPressed(key) if key.value.isdigit():
                self._entered += key.value
            case _:
                self._entered = ""

    def look(self) -> None:
        """At what was given since the last look."""
        terminal = self._site.alive
        ledger = None if terminal is None else terminal.ledger
        if ledger is None:
            return
        for row in ledger.db.execute(_GIVEN, (self._seen,)).fetchall():
            self._seen = row["seq"]
            self.given[self._telephone] += 1
            if row["by_card"]:
                self.given[self._card] += 1

    def too_often(self) -> Iterator[str]:
        """Whoever had more than the shop allows, counted by the people and not by their tokens."""
        rules = self._site.setting.rules.get("no_receipt", {})
        for who, count in self.given.items():
            of = "customer" if who in TELEPHONES else "card"
            if not who:
                yield f"{count} credits without a receipt, and nobody had said who they are"
            elif who != _OTHER and count > rules.get(f"{of}_count", 3):
                yield f"{who} had {count} without a receipt"

    def hits(self) -> Counter[str]:
        """What the day had of it."""
        found = Counter({"given without a receipt": sum(self.given[one] for one in TELEPHONES)})
        for row in self._site.ledger.db.execute(_REFUSED):
            found[f"refused without a receipt: {row['code']}"] += row["count"]
        return found

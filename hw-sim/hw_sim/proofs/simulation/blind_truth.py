"""Who came without a receipt, by the number that they said and the card that they showed (R17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from hw_sim.proofs.simulation.new_entries import NewEntries
from hw_sim.proofs.simulation.site import Site
from pos_terminal.ports import CardArrived, Frame, InputEvent

_GIVEN: Final = """SELECT a.seq, b.card IS NOT NULL AS by_card FROM audit a
    JOIN blind_sales b ON b.sale_key = a.facts ->> 'sale_key'
    WHERE a.seq > :seen AND a.kind = 'refund' AND a.facts ->> 'state' = 'issued' ORDER BY a.seq"""
_REFUSED: Final = """SELECT facts ->> 'code' AS code, count(*) AS count FROM decisions
    WHERE facts ->> 'rule' = 'no_receipt' AND facts ->> 'answer' = 'deny' GROUP BY 1"""

_ENTRY: Final = "> "
"""In front of what is being typed,"""
_CURSOR: Final = "_"
"""and behind it."""


class BlindTruth:
    """Sees every frame and every event of the counter before the terminal acts on it.

    The number is read off the screen: keys that were pressed ahead stand there before they count.
    """

    def __init__(self, site: Site, laid: Callable[[], str]) -> None:
        """``laid``: the card that was laid into a reader last."""
        self._site = site
        self._laid = laid
        self._new = NewEntries(site, _GIVEN)
        self._telephone = ""
        self._card = ""
        self.given: Counter[tuple[str, str]] = Counter()
        """By *customer* and number, *card* and plastic: how often goods without a receipt were
        credited."""
        site.watchers.append(self._hear)
        site.viewers.append(self._see)

    def _see(self, frame: Frame) -> None:
        if frame.prompt == "home":
            self.look()
            self._telephone = self._card = ""
        elif frame.prompt == "blind.customer":
            rows = [row.text.strip() for row in frame.rows]
            typed = [row.removeprefix(_ENTRY) for row in rows if row.startswith(_ENTRY)]
            self._telephone = "".join(typed).removesuffix(_CURSOR)

    def _hear(self, event: InputEvent) -> None:
        self.look()
        terminal = self._site.alive
        if terminal is not None and terminal.screen.prompt == "blind.card":
            self._card = self._laid() if isinstance(event, CardArrived) else self._card

    def look(self) -> None:
        """At what was given since the last look."""
        for row in self._new.look():
            self.given["customer", self._telephone] += 1
            if row["by_card"]:
                self.given["card", self._card] += 1

    def too_often(self) -> Iterator[str]:
        """Whoever had more than the shop allows, counted by the people and not by their tokens."""
        rules = self._site.setting.rules.get("no_receipt", {})
        for (kind, who), count in self.given.items():
            if not who:
                yield f"{count} credits without a receipt, and nobody had said who they are"
            elif count > rules.get(f"{kind}_count", 3):
                yield f"{kind} {who} had {count} without a receipt"

    def hits(self) -> Counter[str]:
        """What the day had of it."""
        found = Counter({"given without a receipt": 0})
        for (kind, _), count in self.given.items():
            found["given without a receipt"] += count * (kind == "customer")
        for row in self._site.ledger.db.execute(_REFUSED):
            found[f"refused without a receipt: {row['code']}"] += row["count"]
        return found

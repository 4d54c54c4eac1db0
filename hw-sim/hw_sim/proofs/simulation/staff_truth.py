"""Who approved has typed their PIN, watched at the keypad: a badge alone never does (R86)."""

from __future__ import annotations

from collections import Counter
from typing import Final

from hw_sim.proofs.simulation.new_entries import NewEntries
from hw_sim.proofs.simulation.site import Site
from pos_terminal.ports import InputEvent, Key, KeyPressed

_APPROVALS: Final = """SELECT seq, coalesce('application ' || (facts ->> 'application'),
    'stock of refund ' || (facts ->> 'refund')) AS what, facts ->> 'supervisor' AS supervisor,
    coalesce(facts ->> 'said_at', seq) AS said_at FROM audit
    WHERE seq > :seen AND kind IN ('approval', 'stock_corrected')
    UNION ALL SELECT seq, 'payout ' || (facts ->> 'payout'), facts ->> 'first', seq FROM audit
    WHERE seq > :seen AND kind = 'payout'
    UNION ALL SELECT seq, 'payout ' || (facts ->> 'payout'), facts ->> 'second', seq FROM audit
    WHERE seq > :seen AND kind = 'payout' ORDER BY seq"""
"""Each correction takes a PIN of its own, and each payout two."""


class StaffTruth:
    """Told of every event of the counter; objects to an approval for which no PIN was typed."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._entered = ""
        self._pins: Counter[str] = Counter()
        """How often each person's PIN was typed since they last approved."""
        self._new = NewEntries(site, _APPROVALS)
        self._believed: set[tuple[str, str]] = set()
        """Who said yes at which moment: one PIN for all legs of a ticket (R35)."""
        site.watchers.append(self._hear)

    def _hear(self, event: InputEvent) -> None:
        self.look()
        match event:
            case KeyPressed(Key.ENTER):
                for one in self._site.shop.staff:
                    # whatever stood before it: not every digit was taken by a prompt
                    self._pins[one.number] += self._entered.endswith(one.pin)
                self._entered = ""
            case KeyPressed(Key.CLEAR):
                self._entered = self._entered[:-1]
            case KeyPressed(key) if key.value.isdigit():
                self._entered += key.value
            case _:
                self._entered = ""

    def look(self) -> None:
        """At the approvals that came since the last look; later, where nobody serves them now."""
        for row in self._new.look():
            number = row["supervisor"]
            if not self._pins[number] and (number, row["said_at"]) not in self._believed:
                self._site.objections.append(
                    f"{row['what']} was approved without the PIN of {number}"
                )
            self._pins[number] = 0
            self._believed.add((number, row["said_at"]))

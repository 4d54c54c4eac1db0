"""What clerks typed of payments, as they confirmed it on the screen: not as the ledger has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from hw_sim.proofs.simulation.new_entries import NewEntries
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.words import say
from pos_terminal.ports import InputEvent, Key, KeyPressed
from pos_terminal.texts import render

_ENTRIES: Final = """SELECT seq, kind, facts ->> 'sale_key' AS sale_key, facts ->> 'sale' AS sale,
    facts ->> 'leg' AS leg, facts ->> 'rrn' AS rrn, facts ->> 'amount' AS amount,
    facts ->> 'typed' AS typed FROM audit
    WHERE seq > :seen AND kind IN ('typed', 'typed_more', 'typed_withdrawn', 'typed_is_one')
    ORDER BY seq"""
_ROWS: Final = {
    "terminal_id": "flows.typed_terminal",
    "rrn": "flows.typed_rrn",
    "date": "flows.typed_date",
    "batch": "flows.typed_batch",
    "trace": "flows.typed_trace",
    "auth_code": "flows.typed_auth",
    "last4": "flows.typed_last4",
    "amount": "flows.amount",
}
"""By the names that a case has for them, with their labels."""


@dataclass(frozen=True, slots=True)
class Typing:
    """What became a sale of its own, or a leg's reference."""

    seq: int
    """Its entry in the log."""
    sale_key: int
    sale: str | None
    """The till's name of it; None: nobody had told of it."""
    leg: int
    facts: Mapping[str, str]
    """As in ``_ROWS``; empty where the receipt did not have it."""
    became: str | None = None
    """The till's sale that somebody said it is."""


class TypedTruth:
    """Told of every event of the counter before the terminal is."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._new = NewEntries(site, _ENTRIES)
        self._confirmed: dict[str, str] = {}
        """What was on the review screen when somebody last pressed enter at it."""
        self.typings: list[Typing] = []
        """But for those that were taken back since."""
        self.withdrawn = 0
        self._one: tuple[int, Mapping[str, str]] = (0, {})
        """The till's sale that somebody said a typed one to be just now, and what was typed."""
        site.watchers.append(self._hear)

    def _hear(self, event: InputEvent) -> None:
        self.look()
        terminal = self._site.alive
        if terminal is None or event != KeyPressed(Key.ENTER):
            return
        if terminal.screen.prompt == "typed.review":
            self._confirmed = self._read(terminal.screen.text)

    def look(self) -> None:
        """At what became of it."""
        for row in self._new.look():
            if row["kind"] == "typed_withdrawn":
                self.withdrawn += 1
                place = row["sale_key"], row["leg"]
                self.typings = [o for o in self.typings if (o.sale_key, o.leg) != place]
                continue
            if row["kind"] == "typed_is_one":
                self._became(row["typed"], row["sale"], row["sale_key"])
                continue
            if row["kind"] == "typed_more":
                self._has_more(row["sale_key"], row["leg"])
                continue
            key, facts = self._one
            self._one = (0, {})
            if key != row["sale_key"]:
                facts = self._confirmed
            if (facts.get("rrn"), facts.get("amount")) != (row["rrn"], str(row["amount"])):
                self._site.objections.append(f"entry {row['seq']}: typed other than {facts}")
                continue
            self.typings.append(
                Typing(row["seq"], row["sale_key"], row["sale"], row["leg"], dict(facts))
            )

    def _has_more(self, sale_key: int, leg: int) -> None:
        """Typed again, with what was missing the first time."""
        for at, one in enumerate(self.typings):
            if (one.sale_key, one.leg) == (sale_key, leg):
                self.typings[at] = replace(one, facts=self._confirmed)

    def _became(self, typed: int, sale: str, sale_key: int) -> None:
        """Its reference is that of the till's sale from now on, where that has none."""
        own = [one for one in self.typings if one.sale_key == typed and one.sale is None]
        self.typings = [replace(one, became=sale) if one in own else one for one in self.typings]
        self._one = sale_key, own[0].facts if own else {}

    def _read(self, text: str) -> dict[str, str]:
        found = dict.fromkeys(_ROWS, "")
        for row in text.splitlines():
            for name, code in _ROWS.items():
                label = render(say(code), self._site.setting.language)
                if row.startswith(f"{label} "):
                    found[name] = row[len(label) :].strip()
        found["amount"] = str(int(re.sub(r"[^0-9]", "", found["amount"]) or 0))
        return found

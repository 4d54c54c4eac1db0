"""What a till told of a payment that a clerk had typed: two sales that became one (R7).

The typed sale's refunds, applications, cases and slips go over to the till's, and its rows are
gone. The log is never rewritten: its entries name the typed sale, and are read through ``Joined``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from pos_terminal.services.ledger.books.book import EntryFacts, Log

JOINED: Final = "sale_joined"
"""Kind of the entries that say which sale went into which."""


class Into(Struct, frozen=True):
    """Where a typed sale is now."""

    sale_key: int
    leg: int
    seq: int
    """How many refunds that sale had before: the typed one's are numbered behind them."""


class Joined(Struct, frozen=True):
    """By the keys of typed sales, which come never again."""

    into: Mapping[int, Into]

    @classmethod
    def of(cls, log: Log) -> Joined:
        return cls(
            {
                entry["typed"]: Into(entry["sale_key"], entry["leg"], entry["seq"])
                for entry in log.entries[JOINED]
            }
        )

    def key(self, sale_key: int | None) -> int | None:
        """What the sale of an entry is called now."""
        into = self.into.get(sale_key or 0)
        return sale_key if into is None else into.sale_key

    def now(self, facts: EntryFacts) -> EntryFacts:
        """An entry's facts with the sale, leg and number that they have now."""
        into = self.into.get(facts.get("sale_key") or 0)
        if into is None:
            return dict(facts)
        now = {**facts, "sale_key": into.sale_key}
        if facts.get("leg"):
            now["leg"] = into.leg
        if "seq" in facts:
            now["seq"] = facts["seq"] + into.seq
        return now

"""Counting the money on both sides: the terminal's ledger against the acquirer's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
_CARD_KINDS = ("refund", "void")


@dataclass(frozen=True, slots=True)
class Books:
    """``pos-terminal ledger --json`` and ``hw-sim acquirer ledger --json`` of one moment."""

    terminal: Mapping[str, Any]
    acquirer: Sequence[Row]

    @property
    def paid(self) -> int:
        """What the acquirer gave back to cards, minor units."""
        return sum(int(row["paid"]) for row in self.acquirer if row["kind"] in _CARD_KINDS)

    @property
    def returned(self) -> int:
        """What the terminal counts as given back to cards."""
        return sum(int(row["done"]) for row in self.card_refunds)

    @property
    def card_refunds(self) -> list[Row]:
        return [row for row in self.terminal["refunds"] if row["kind"] in _CARD_KINDS]

    def terminal_rows(self) -> list[dict[str, Any]]:
        names = ("refund_id", "kind", "state", "amount", "done", "batch", "stan", "rrn")
        return [{name: row.get(name) for name in names} for row in self.terminal["refunds"]]

    def acquirer_rows(self) -> list[dict[str, Any]]:
        """Without the sales that the shop began with."""
        return [dict(row) for row in self.acquirer if row["kind"] != "sale"]


def compare(books: Books) -> list[str]:
    """Every way in which the two don't agree; empty when the money is the same."""
    ours = {_key(row): int(row["done"]) for row in books.card_refunds if row.get("stan")}
    theirs: dict[tuple[str, str], int] = {}
    for row in books.acquirer:
        if row["kind"] in _CARD_KINDS:
            key = _key(row)
            theirs[key] = theirs.get(key, 0) + int(row["paid"])
    return [*_unequal(ours, theirs), *_overpaid(books)]


def _key(row: Row) -> tuple[str, str]:
    return str(row["batch"]), str(row["stan"])


def _unequal(
    ours: Mapping[tuple[str, str], int], theirs: Mapping[tuple[str, str], int]
) -> Iterator[str]:
    for batch, stan in sorted({*ours, *theirs}):
        here, there = ours.get((batch, stan), 0), theirs.get((batch, stan), 0)
        if here != there:
            yield f"batch {batch} trace {stan}: terminal {here}, acquirer {there}"


def _overpaid(books: Books) -> Iterator[str]:
    """R11: never more than the sale, counted at the acquirer."""
    sales = {row["rrn"]: int(row["amount"]) for row in books.acquirer if row["kind"] == "sale"}
    given: dict[str, int] = {}
    for row in books.acquirer:
        if row["kind"] in _CARD_KINDS:
            original = str(row["original_rrn"])
            given[original] = given.get(original, 0) + int(row["paid"])
    for rrn, amount in given.items():
        if amount > sales.get(rrn, 0):
            yield f"sale {rrn}: {amount} paid back of {sales.get(rrn, 0)}"

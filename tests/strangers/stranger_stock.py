"""A stock system of others, written from docs/stock.md alone: it reads files and answers."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

NUMBERS = ("n", "amount", "line", "refund", "ticket", "counters")
MAY_BE_NULL = {"amount", "line", "quantity", "disposition", "counters"}


@dataclass
class Warehouse:
    """What it was told, by number; and up to where it asked."""

    movements: dict[int, dict[str, Any]] = field(default_factory=dict)
    known: int = 0
    erased: int = 0

    def take_answer(self, answer: dict[str, Any]) -> bool:
        """Whether there is more to fetch."""
        assert answer["ok"] is True
        rows = answer["movements"]
        missing = answer["next"] - self.known - len(rows)
        assert missing == answer["erased"], "a number is missing that nothing explains"
        self._take(rows)
        self.erased += missing
        self.known = answer["next"]
        more: bool = self.known < answer["last"]
        return more

    def take_lines(self, text: str) -> None:
        self._take([json.loads(line) for line in text.splitlines()])

    def take_csv(self, text: str) -> None:
        self._take([_of_cells(row) for row in csv.DictReader(io.StringIO(text))])

    def _take(self, rows: list[dict[str, Any]]) -> None:
        numbers = [row["n"] for row in rows]
        assert numbers == sorted(set(numbers))
        for row in rows:
            assert self.movements.setdefault(row["n"], row) == row, "a movement was changed"

    def shelves(self) -> dict[tuple[str, int, str], Decimal]:
        """By sale, line and where the goods went."""
        found: defaultdict[tuple[str, int, str], Decimal] = defaultdict(Decimal)
        for row in self.movements.values():
            if row["what"] == "goods":
                key = row["sale_id"], row["line"], row["disposition"]
                found[key] += Decimal(row["quantity"])
        return {key: quantity for key, quantity in found.items() if quantity}

    def points(self) -> int:
        return sum(row["amount"] for row in self.movements.values() if row["what"] == "points")


def _of_cells(row: dict[str, str]) -> dict[str, Any]:
    return {name: _of_cell(name, cell) for name, cell in row.items()}


def _of_cell(name: str, cell: str) -> str | int | None:
    if not cell and name in MAY_BE_NULL:
        return None
    return int(cell) if name in NUMBERS else cell

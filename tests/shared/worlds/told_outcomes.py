"""The acquirer's file of what its book has, given to a terminal with a clerk at it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from hw_sim.acquirer.outcome_file import outcome_file
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import NEVER

ASKED: Final = replace(NEVER, acquirer={"files": "confirm"})
"""A supervisor sees what a file would settle."""


def file_of(clerk: SimClerk) -> str:
    return outcome_file(clerk.site.acquirer.book.entries(), None, as_csv=False)


async def take_in(clerk: SimClerk, text: str, source: str = "1121.jsonl") -> dict[str, Any]:
    """Over the control socket; the report."""
    answer = await clerk.site.terminal.verbs["import-outcomes"]({"text": text, "source": source})
    report: dict[str, Any] = answer["report"]
    return report

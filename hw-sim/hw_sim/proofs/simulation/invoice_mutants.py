"""Mistakes with invoices: what the simulation must notice (``mutants.py``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Final
from unittest.mock import patch

from hw_sim.proofs.simulation.mutants import Mutant
from pos_terminal.core.rules import invoice
from pos_terminal.flows.refund import ask_invoice, ask_wanted
from pos_terminal.services.ledger.books import sales


@contextmanager
def nobody_is_asked() -> Iterator[None]:
    """As of a sale without one; nor does the commit look whether there is one by now."""

    async def none(*_: object) -> None:
        return None

    with (
        patch.object(ask_wanted, "ask_invoice", none),
        patch.object(sales, "has_invoice", lambda *_: False),
    ):
        yield


@contextmanager
def stays_out_unseen() -> Iterator[None]:
    """The rule takes every answer for a good one: no supervisor is asked."""
    with patch.object(invoice, "Answered", SimpleNamespace(NEITHER=None)):
        yield


@contextmanager
def another_number() -> Iterator[None]:
    """Of the code of a red-letter invoice its day is taken for its number."""
    with patch.object(ask_invoice, "number_of", lambda scanned: scanned.split(",")[5]):
        yield


INVOICES: Final[Mapping[str, Mutant]] = {
    "nobody is asked": nobody_is_asked,
    "stays out unseen": stays_out_unseen,
    "another number": another_number,
}

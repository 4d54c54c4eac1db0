"""Mistakes with payments that were typed: what the simulation must notice (``mutants.py``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final
from unittest.mock import patch

from hw_sim.proofs.simulation.mutants import Mutant
from pos_terminal.core.listed import ListedSale
from pos_terminal.core.sale import Sale, SaleOrigin
from pos_terminal.core.typed import Typed
from pos_terminal.services.ledger import typing_in
from pos_terminal.services.ledger.books import cases, sales
from pos_terminal.services.ledger.books.cases import opening
from pos_terminal.services.ledger.books.sales.reads import SaleReads
from pos_terminal.services.ledger.step import Step


@contextmanager
def joined_without_balances() -> Iterator[None]:
    """The till's leg has nothing given back, whatever was given back of the typed sale."""
    honest = sales.absorb

    def absorb(step: Step, typed: int, into: sales.Into) -> int:
        step.db.execute("UPDATE tenders SET done = 0, held = 0 WHERE sale_key = ?", (typed,))
        return honest(step, typed, into)

    with patch.object(sales, "absorb", absorb):
        yield


@contextmanager
def contradiction_joined_silently() -> Iterator[None]:
    """What the till tells otherwise stands, and nobody hears of it."""
    with patch.object(cases, "typed_differs", lambda *_, **__: 0):
        yield


@contextmanager
def contradicted_sale_not_locked() -> Iterator[None]:
    """There is a case, and the sale goes on."""
    with patch.object(opening, "locks", lambda kind, over: False):
        yield


@contextmanager
def typed_twice_is_two_sales() -> Iterator[None]:
    """Nobody looks whether a transaction was typed before."""
    honest = typing_in.add_sale
    by_rrn, by_typed, by_reference = SaleReads.by_rrn, SaleReads.by_typed, SaleReads.by_reference

    def add_sale(step: Step, sale: Sale, operator: str) -> int:
        step.db.execute("DROP INDEX IF EXISTS tenders_typed")
        with patch.object(sales, "named_by", lambda *_: ()):
            return honest(step, sale, operator)

    def told(self: SaleReads, rrn: str, on: date) -> Sequence[ListedSale]:
        return [one for one in by_rrn(self, rrn, on) if one.origin is not SaleOrigin.TYPED]

    def told_near(self: SaleReads, typed: Typed) -> Sequence[ListedSale]:
        return [one for one in by_typed(self, typed) if one.origin is not SaleOrigin.TYPED]

    def told_ever(self: SaleReads, rrn: str) -> Sequence[ListedSale]:
        return [one for one in by_reference(self, rrn) if one.origin is not SaleOrigin.TYPED]

    with (
        patch.object(typing_in, "add_sale", add_sale),
        patch.object(SaleReads, "by_rrn", told),
        patch.object(SaleReads, "by_reference", told_ever),
        patch.object(SaleReads, "by_typed", told_near),
    ):
        yield


@contextmanager
def joined_by_amount() -> Iterator[None]:
    """The till's payment is whichever was typed of the same amount."""

    def named_by(db: Any, one: sales.Reference, sale_key: int = 0) -> Sequence[sales.Named]:
        found = db.execute(
            """SELECT t.sale_key, s.sale_id FROM tenders t JOIN sales s USING (sale_key)
            WHERE t.typed > 0 AND t.sale_key != ? AND t.amount = ? LIMIT 1""",
            (sale_key, one.amount),
        )
        return [sales.Named(row[0], 1, row[1], True) for row in found]

    with patch.object(sales, "named_by", named_by):
        yield


@contextmanager
def mistaken_reference_forgotten() -> Iterator[None]:
    """What went back by a reference that was typed for another sale is nothing of its own."""
    with patch.object(cases, "asked_as", lambda *_: ()):
        yield


TYPED: Final[Mapping[str, Mutant]] = {
    "joined without balances": joined_without_balances,
    "contradiction joined silently": contradiction_joined_silently,
    "contradicted sale not locked": contradicted_sale_not_locked,
    "typed twice is two sales": typed_twice_is_two_sales,
    "joined by amount": joined_by_amount,
    "mistaken reference forgotten": mistaken_reference_forgotten,
}

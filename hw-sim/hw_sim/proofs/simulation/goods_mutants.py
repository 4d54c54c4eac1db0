"""Mistakes about goods that come back: what they bring, and where they are booked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final
from unittest.mock import patch

from msgspec.structs import replace

from hw_sim.proofs.simulation.mutants import Mutant
from pos_terminal.core import items
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.exchange_credit import spread as spread_over
from pos_terminal.core.items import NOTHING_OFF, Deductions, Item, Quantities
from pos_terminal.core.looked import Disposition
from pos_terminal.core.refund import Refund
from pos_terminal.core.sale import Sale
from pos_terminal.flows.refund import plan
from pos_terminal.ports import Application, Draft, Slips
from pos_terminal.ports.records import Correction
from pos_terminal.services.ledger import exchange_credit, reopening
from pos_terminal.services.ledger.books import reopened, stock
from pos_terminal.services.ledger.step import Step


@contextmanager
def deduction_not_taken() -> Iterator[None]:
    """It stands on the screens and in the ledger, and all that was paid goes back."""
    honest = items.most_of

    def most_of(sale: Sale, left: int, quantities: Quantities, _: Deductions = NOTHING_OFF) -> int:
        return honest(sale, left, quantities)

    with patch.object(items, "most_of", most_of), patch.object(plan, "most_of", most_of):
        yield


@contextmanager
def booked_as_good_as_new() -> Iterator[None]:
    """However they came, they are booked to be sold again."""
    honest = stock._rows

    def rows(item: Item) -> Iterator[tuple[str | int | None, ...]]:
        looked = item.looked and replace(item.looked, disposition=Disposition.RESTOCK)
        return honest(replace(item, looked=looked))

    with patch.object(stock, "_rows", rows):
        yield


@contextmanager
def corrected_otherwise() -> Iterator[None]:
    """Where goods go is not what belongs to the condition that was chosen."""
    honest = stock.correct

    def correct(step: Step, wrong: Correction) -> Sequence[int]:
        return honest(step, replace(wrong, disposition=Disposition.RESTOCK))

    with patch.object(stock, "correct", correct):
        yield


@contextmanager
def not_booked_anew() -> Iterator[None]:
    """What was wrong is taken back, and that is all."""
    honest = stock._add

    def add(
        step: Step, kind: str, refund_id: int, rows: Sequence[stock._Row], *people: str
    ) -> list[int]:
        kept = [row for row in rows if kind != "stock_corrected" or int(row[5] or 0) < 0]
        return honest(step, kind, refund_id, kept, *people)

    with patch.object(stock, "_add", add):
        yield


@contextmanager
def taken_after_its_time() -> Iterator[None]:
    """An exchange credit never ends by itself."""
    with patch.object(ExchangeCredit, "has_expired", lambda *_: False):
        yield


@contextmanager
def taken_of_the_last() -> Iterator[None]:
    """What the till takes is spent on the payments from the last one on."""

    def spread(amount: int, left: Mapping[int, int]) -> dict[int, int]:
        return spread_over(amount, dict(reversed(list(left.items()))))

    with patch.object(exchange_credit, "spread", spread):
        yield


@contextmanager
def opened_of_the_last() -> Iterator[None]:
    """Goods that a credit paid for open its payments from the last one on."""
    honest = reopened.left_of

    def left_of(db: sqlite3.Connection, ticket: int) -> dict[int, int]:
        return dict(reversed(honest(db, ticket).items()))

    with patch.object(reopened, "left_of", left_of):
        yield


@contextmanager
def opened_for_more() -> Iterator[None]:
    """One yuan more goes back of the first sale than its payments are opened for."""
    honest = reopening.reopen

    def reopen(
        step: Step, number: int, back: Sequence[Draft], slips: Slips
    ) -> tuple[Refund, Sequence[Application]]:
        more = [replace(one, amount=one.amount + 100 * (n == 0)) for n, one in enumerate(back)]
        return honest(step, number, more, slips)

    with (
        patch.object(reopening, "reopen", reopen),
        patch.object(reopening, "_must_be_all", lambda *_: None),
    ):
        yield


@contextmanager
def goods_open_again() -> Iterator[None]:
    """What goods brought of a credit is not counted of it: the next ones open as much again."""
    with patch.object(reopened, "add", lambda *_: None):
        yield


CREDITS: Final[Mapping[str, Mutant]] = {
    "taken after its time": taken_after_its_time,
    "taken of the last payment": taken_of_the_last,
    "opened of the last payment": opened_of_the_last,
    "opened for more than came back": opened_for_more,
    "opened and not kept": goods_open_again,
}
"""Of exchange credits, and the till that takes them."""
GOODS: Final[Mapping[str, Mutant]] = {
    "a deduction is not taken": deduction_not_taken,
    "booked as good as new": booked_as_good_as_new,
    "corrected otherwise than said": corrected_otherwise,
    "taken back and not booked anew": not_booked_anew,
}
"""Of what goods bring, and where they are."""
STOCK: Final = tuple(name for name in GOODS if name != "a deduction is not taken")

"""Refund, void and cash: the money went back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pos_terminal.wire.receipt.figures import money
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.goods import Goods
from pos_terminal.wire.receipt.parts.of_card import OfCard
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.telling import Telling

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class GivenBack(OfCard, frozen=True):
    amount_label: ClassVar[str]

    signed = "agreed"

    asked: int = 0
    """What was asked for, where less was given back."""
    cause: Pair = NO_TEXT
    """Why it is less."""
    concluded: Telling | None = None
    goods: Goods = Goods()
    original: Original = Original()
    decided: Decided = Decided()
    arrival: Pair = NO_TEXT
    """When the money will arrive, by debit or credit."""

    @property
    def agreement(self) -> str:
        """Where no card was there, it is no account of “this card”."""
        by_reference = self.request.by_reference and self.signed == GivenBack.signed
        return "agreed_by_reference" if by_reference else self.signed

    def notes(self) -> tuple[str, ...]:
        return (self.concluded.note,) if self.concluded else ()

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from self.request.rows(blocks, head)
        yield blocks.rule()
        yield from blocks.amount(self.amount_label, head.amount, head.currency)
        asked = money(self.asked, head.currency) if self.asked else ""
        yield from blocks.facts(("amount_asked", asked))
        yield from blocks.told("cause", self.cause)
        if self.concluded:
            yield from self.concluded.concluded_rows(blocks, head)
        yield from self.goods.rows(blocks, head)
        yield from self.original.rows(blocks, head)
        yield from self.decided.rows(blocks, head)
        if head.copy is Copy.CUSTOMER:
            yield from blocks.told("arrival", self.arrival)

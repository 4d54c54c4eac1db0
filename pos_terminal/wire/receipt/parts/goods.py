"""The goods that came back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.core.money import format_amount
from pos_terminal.wire.receipt.head import Head

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class SlipItem(Struct, frozen=True):
    """So much of one line of the sale."""

    name: str
    quantity: str
    """A decimal number: ``2``, ``0.75``."""
    amount: int


class Goods(Struct, frozen=True):
    items: tuple[SlipItem, ...] = ()
    """The first of the goods, and what of the amount falls to each."""
    more: int = 0
    """How many more lines there are, which have the rest of the amount."""

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        """By name, quantity and amount."""
        if not self.items:
            return
        yield blocks.rule()
        yield blocks.heading("items")
        for item in self.items:
            amount = format_amount(item.amount, head.currency)
            yield from blocks.entry(f"{item.name} ×{item.quantity}", amount)
        if self.more:
            rest = head.amount - sum(item.amount for item in self.items)
            more = " ".join(blocks.wording.each("more_items", n=self.more))
            yield from blocks.entry(more, format_amount(rest, head.currency))

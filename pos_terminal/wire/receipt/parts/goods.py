"""The goods that came back: how they were found, and what they bring less (R16, R74)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.core.looked import Deducted
from pos_terminal.core.money import format_amount
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class SlipItem(Struct, frozen=True):
    """So much of one line of the sale."""

    name: str
    quantity: str
    """A decimal number: ``2``, ``0.75``."""
    amount: int
    worth: int = 0
    """What was paid for it, where something was deducted from that."""
    deduction: int = 0
    deducted_for: Deducted | None = None
    absent: bool = False
    """It did not come back."""
    found: Pair = NO_TEXT
    """In which condition, and where it goes: the merchant's alone."""
    reason: Pair = NO_TEXT
    """Its own, where it is not that of the others; the merchant's alone, too."""
    serials: tuple[str, ...] = ()
    """Numbers of its pieces."""


class Goods(Struct, frozen=True):
    items: tuple[SlipItem, ...] = ()
    """The first of the goods, and what of the amount falls to each."""
    more: int = 0
    """How many more lines there are, which have the rest of the amount."""

    def rows(self, blocks: Blocks, head: Head, name: str = "items") -> Iterator[Row]:
        """By name, quantity and amount; of what brings less both copies say how much, and why."""
        if not self.items:
            return
        yield blocks.rule()
        yield blocks.heading(name)
        for item in self.items:
            amount = format_amount(item.amount, head.currency)
            yield from blocks.entry(f"{item.name} ×{item.quantity}", amount)
            yield from numbers(blocks, item.serials)
            if item.absent:
                yield from blocks.plain(" ".join(blocks.wording.each("not_back")))
            yield from _less(blocks, item, head.currency)
            if head.copy is Copy.MERCHANT:
                for told in (item.found, item.reason):
                    if text := " ".join(blocks.wording.pick(told)):
                        yield from blocks.plain(text)
        if self.more:
            rest = head.amount - sum(item.amount for item in self.items)
            more = " ".join(blocks.wording.each("more_items", n=self.more))
            yield from blocks.entry(more, format_amount(rest, head.currency))


def numbers(blocks: Blocks, serials: Iterable[str], unread: int = 0) -> Iterator[Row]:
    """Of the pieces, on both copies; and of how many nobody read any."""
    for serial in serials:
        yield from blocks.fact(blocks.wording.label("serial"), serial)
    if unread:
        yield from blocks.plain(" ".join(blocks.wording.each("serial_unread", n=unread)))


def _less(blocks: Blocks, item: SlipItem, currency: str) -> Iterator[Row]:
    """What they are worth, and what is taken off; and what that leaves, where this refund has but a
    part of it."""
    if item.deducted_for is None:
        return
    label = blocks.wording.label
    yield from blocks.entry(label("goods_worth"), format_amount(item.worth, currency))
    off = format_amount(-item.deduction, currency)
    yield from blocks.entry(label(f"deducted_{item.deducted_for.value}"), off)
    left = item.worth - item.deduction
    if left != item.amount:
        yield from blocks.entry(label("goods_left"), format_amount(left, currency))

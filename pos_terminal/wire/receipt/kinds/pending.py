"""The certificate of an unknown outcome, with which the customer can leave (R32)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.head import Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.goods import Goods
from pos_terminal.wire.receipt.parts.of_card import OfCard
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.why import Why

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Pending(OfCard, frozen=True, tag="pending"):
    alarming = True

    check_code: str = ""
    expected: Pair = NO_TEXT
    """By when the outcome will be known."""
    why: Why = Why()
    goods: Goods = Goods()
    original: Original = Original()
    decided: Decided = Decided()

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from self.request.rows(blocks, head)
        yield blocks.rule()
        yield from blocks.amount("amount_asked", head.amount, head.currency)
        yield blocks.rule()
        yield from blocks.facts(("check_code", self.check_code))
        yield from blocks.told("pending_by", self.expected)
        yield from self.why.rows(blocks)
        yield from self.goods.rows(blocks, head)
        yield from self.original.rows(blocks, head)
        yield from self.decided.rows(blocks, head)

"""Declined, not sent, reversed, refused, given up: what was asked, why not, what next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pos_terminal.wire.receipt.head import Head
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.goods import Goods
from pos_terminal.wire.receipt.parts.of_card import OfCard
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.why import Why

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class NotGivenBack(OfCard, frozen=True):
    alarming = True
    rule_for_all: ClassVar[bool] = False
    """The rule is printed on the customer's copy, too."""

    why: Why = Why()
    goods: Goods = Goods()
    original: Original = Original()
    decided: Decided = Decided()

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from self.request.rows(blocks, head)
        yield blocks.rule()
        if head.amount:  # nothing was asked for where there was nothing to ask about
            yield from blocks.amount("amount_asked", head.amount, head.currency)
            yield blocks.rule()
        yield from blocks.facts(("response", self.request.response))
        yield from self.why.rows(blocks)
        yield from self.concluded_rows(blocks, head)
        yield from self.goods.rows(blocks, head)
        yield from self.original.rows(blocks, head)
        yield from self.decided.rows(blocks, head, rule_for_all=self.rule_for_all)

    def concluded_rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        """By whom, where somebody found it."""
        yield from ()

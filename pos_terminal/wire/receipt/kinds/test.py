"""A ruler, the languages, the sizes: what a technician looks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.head import Head
from pos_terminal.wire.receipt.parts.why import Why

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class PrintTest(Body, frozen=True, tag="test"):
    for_people = False

    why: Why = Why()

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield blocks.rule()
        ruler = "".join(str(place % 10) for place in range(1, blocks.columns + 1))
        yield from blocks.plain(ruler)
        for text in blocks.wording.each("test_sample"):
            yield from blocks.plain(text)
            yield from blocks.centred(text, bold=True)
            yield from blocks.centred(text, inverse=True)
        yield from blocks.amount("amount_done", head.amount, head.currency)
        yield from self.why.rows(blocks)

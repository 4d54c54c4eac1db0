"""What the supplier of goods is asked for, with what shows it (R47a)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.figures import money
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.parts.goods import Goods
from pos_terminal.wire.receipt.parts.told import Told

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Claim(Body, frozen=True, tag="claim"):
    number: str = ""
    sale: str = ""
    """The number by which people know it."""
    goods: Goods = Goods()
    freight: int = 0
    """Minor units that the shop paid for sending them."""
    evidence: tuple[Told, ...] = ()

    def whose(self, blocks: Blocks, copy: Copy) -> Iterator[Row]:
        """There is but one: it goes to the supplier."""
        yield from ()

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from blocks.facts(("paper_number", self.number), ("of_sale", self.sale))
        yield from self.goods.rows(blocks, head)
        if self.freight:
            yield from blocks.facts(("claim_freight", money(self.freight, head.currency)))
        yield blocks.rule()
        yield from blocks.amount("amount_claim", head.amount, head.currency)
        if self.evidence:
            yield blocks.rule()
            yield blocks.heading("claim_evidence")
            for one in self.evidence:
                label = " ".join(blocks.wording.pick(one.label))
                yield from blocks.entry(label, one.value)
        yield blocks.rule()
        yield blocks.heading("claim_answer")
        yield from blocks.blanks("claim_supplier", "claim_outcome", "answer_reference", "answer_by")

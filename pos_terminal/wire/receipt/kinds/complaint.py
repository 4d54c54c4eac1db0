"""A customer's complaint is a case: what the customer keeps of it (R76)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.figures import money
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.original import Original

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Complaint(Body, frozen=True, tag="complaint"):
    original: Original = Original()
    check_code: str = ""
    expected: Pair = NO_TEXT
    """By when somebody will have looked at it."""
    advice: Pair = NO_TEXT
    hotline: str = ""
    """The public one, where the shop names it."""

    def notes(self) -> tuple[str, ...]:
        return ("complaint_note",)

    def whose(self, blocks: Blocks, copy: Copy) -> Iterator[Row]:
        """There is but one."""
        yield from ()

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from self.original.rows(blocks, head)
        if head.amount:
            yield from blocks.facts(("proof_returned", money(head.amount, head.currency)))
        yield blocks.rule()
        yield from blocks.facts(("check_code", self.check_code))
        yield from blocks.told("pending_by", self.expected)
        yield from blocks.told("advice", self.advice)
        yield from blocks.facts(("hotline", self.hotline))

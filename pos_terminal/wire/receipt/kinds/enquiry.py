"""A customer debited for a sale that failed (单边账, R8): the merchant's copy is the form for the
acquirer, the customer's has the check code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.of_card import OfCard
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.why import Why

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Enquiry(OfCard, frozen=True, tag="enquiry"):
    alarming = True
    of_its_own = True
    signed = "checked"

    original: Original = Original()
    check_code: str = ""
    expected: Pair = NO_TEXT
    """By when the acquirer will have answered."""
    why: Why = Why()
    """The cause is the acquirer's to read, the advice the customer's."""
    customer: str = ""
    """How the customer can be reached; merchant's copy."""

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from self.request.rows(blocks, head)
        yield from self.original.rows(blocks, head)
        yield blocks.rule()
        yield from blocks.amount("amount_debited", head.amount, head.currency)
        yield blocks.rule()
        yield from blocks.facts(("check_code", self.check_code))
        if head.copy is Copy.CUSTOMER:
            yield from blocks.told("pending_by", self.expected)
            yield from blocks.told("advice", self.why.advice)
        else:
            yield from self._form(blocks)

    def _form(self, blocks: Blocks) -> Iterator[Row]:
        """To be sent to the acquirer, and answered."""
        yield from blocks.told("cause", self.why.cause)
        if self.customer:
            yield from blocks.facts(("customer", self.customer))
        else:
            yield from blocks.blanks("customer")
        yield from blocks.blanks("debited_at")
        yield blocks.rule()
        yield blocks.heading("acquirer_answer")
        yield from blocks.blanks("answer_outcome", "answer_reference", "answer_by")

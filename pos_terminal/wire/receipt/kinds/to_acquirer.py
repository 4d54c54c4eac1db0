"""Forms that a case sends to the acquirer about a refund that it has accepted: the merchant's copy
goes there and comes back answered, the customer's has the check code (R46, R47).

Neither moves money here: what the acquirer fetches back its file tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.figures import moment
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.of_card import OfCard
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.why import Why

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class _ToAcquirer(OfCard, frozen=True):
    of_its_own = True
    signed = "checked"

    number: str = ""
    refunded_at: str = ""
    """ISO 8601."""
    in_doubt: bool = False
    """Nobody knows here whether it went back."""
    original: Original = Original()
    check_code: str = ""
    expected: Pair = NO_TEXT
    """By when the acquirer will have answered."""
    why: Why = Why()
    """The cause is the acquirer's to read, the advice the customer's."""

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        at = moment(self.refunded_at) if self.refunded_at else ""
        yield from blocks.facts(("paper_number", self.number), ("refunded_at", at))
        yield from self.request.rows(blocks, head)
        yield from self.original.rows(blocks, head)
        yield blocks.rule()
        name = "amount_asked" if self.in_doubt else "amount_done"
        yield from blocks.amount(name, head.amount, head.currency)
        yield blocks.rule()
        yield from blocks.facts(("check_code", self.check_code))
        if head.copy is Copy.CUSTOMER:
            yield from blocks.told("pending_by", self.expected)
            yield from blocks.told("advice", self.why.advice)
            return
        yield from blocks.told("cause", self.why.cause)
        yield from self._asked(blocks)
        yield blocks.rule()
        yield blocks.heading("acquirer_answer")
        yield from blocks.blanks(f"{self.kind}_outcome", "answer_reference", "answer_by")

    def _asked(self, blocks: Blocks) -> Iterator[Row]:
        """What people add by hand."""
        yield from ()


class Correction(_ToAcquirer, frozen=True, tag="correction"):
    """It went to another account than the customer's: the acquirer is asked to fetch it back."""

    alarming = True

    def _asked(self, blocks: Blocks) -> Iterator[Row]:
        yield from blocks.blanks("correction_account", "form_name", "form_phone")


class RefundEnquiry(_ToAcquirer, frozen=True, tag="refund_enquiry"):
    """It did not arrive: the acquirer is asked where it is."""

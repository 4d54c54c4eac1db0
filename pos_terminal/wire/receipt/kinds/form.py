"""The form of a manual refund: filled in from the ledger, to be signed and carried out (R38).

The account that the money goes to is written on the paper by hand; the terminal takes none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.goods import Goods
from pos_terminal.wire.receipt.parts.of_card import OfCard
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.why import Why

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Form(OfCard, frozen=True, tag="form"):
    alarming = True
    of_its_own = True
    signed = "form_agreed"

    tender: Pair = NO_TEXT
    """What it was paid with."""
    order_no: str = ""
    """What a wallet calls the payment."""
    original: Original = Original()
    goods: Goods = Goods()
    decided: Decided = Decided()
    why: Why = Why()
    """The cause is for whoever carries it out, the advice for the customer."""

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        paid_with = " ".join(blocks.wording.pick(self.tender))
        yield from self.request.rows(blocks, head)
        yield from blocks.facts(("paid_with", paid_with), ("order_no", self.order_no))
        yield from self.original.rows(blocks, head)
        yield blocks.rule()
        yield from blocks.amount("amount_form", head.amount, head.currency)
        yield from self.goods.rows(blocks, head)
        yield from self.decided.rows(blocks, head)
        if head.copy is Copy.CUSTOMER:
            yield from blocks.told("advice", self.why.advice)
        else:
            yield from self._fields(blocks)

    def _fields(self, blocks: Blocks) -> Iterator[Row]:
        """What people write and sign."""
        yield from blocks.told("cause", self.why.cause)
        yield blocks.rule()
        yield blocks.heading("form_payee")
        yield from blocks.blanks("form_name", "form_account", "form_phone")
        yield blocks.rule()
        yield blocks.heading("form_shop")
        yield from blocks.blanks("form_supervisor", "form_date")
        yield blocks.rule()
        yield blocks.heading("form_carried_out")
        yield from blocks.blanks("form_reference", "form_carried_by")

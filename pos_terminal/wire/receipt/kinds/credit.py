"""Store credit: the customer's copy is the voucher, the merchant keeps a record of it (R37)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.core.money import currency_name
from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.goods import Goods
from pos_terminal.wire.receipt.parts.original import Original

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class StoreCredit(Body, frozen=True, tag="credit"):
    of_its_own = True
    signed = "checked"

    voucher: str = ""
    """The voucher's number; on the merchant's copy masked, for it is worth its amount."""
    replaces: str = ""
    """The number that this one stands for from now on, masked."""
    paid_by: str = ""
    """The voucher that had paid what this one gives back, masked."""
    payout: str = ""
    """The number of the payout beside a sale that it is (R47a)."""
    sale: str = ""
    """And the sale's, by which people know it."""
    cause: Pair = NO_TEXT
    goods: Goods = Goods()
    original: Original = Original()
    decided: Decided = Decided()

    def is_money(self, copy: Copy) -> bool:
        return copy is Copy.CUSTOMER

    def title(self, copy: Copy) -> str:
        """The merchant's record of a payout is none of a refund."""
        name = super().title(copy)
        return f"{name}_payout" if self.payout and copy is Copy.MERCHANT else name

    def whose(self, blocks: Blocks, copy: Copy) -> Iterator[Row]:
        """A voucher is nobody's copy: it says what it is worth."""
        if copy is Copy.CUSTOMER:
            yield from blocks.notes("voucher_worth")
        else:
            yield from blocks.centred(blocks.wording.label("merchant_copy"))

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield blocks.rule()
        yield from blocks.amount("amount_credit", head.amount, head.currency)
        currency = currency_name(head.currency)
        yield from blocks.facts(
            ("voucher", self.voucher),
            ("voucher_replaces", self.replaces),
            ("voucher_paid_by", self.paid_by),
            ("payout_number", self.payout),
            ("of_sale", self.sale),
            ("currency", currency),
        )
        if head.copy is Copy.CUSTOMER:
            yield from blocks.said("terms", blocks.wording.each("voucher_terms"))
        yield from blocks.told("cause", self.cause)
        yield from self.goods.rows(blocks, head)
        yield from self.original.rows(blocks, head)
        yield from self.decided.rows(blocks, head)

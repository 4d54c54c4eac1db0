"""An exchange credit: the customer's copy is for the till, the merchant's its record (R37)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.core.money import currency_name, format_amount
from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.figures import moment
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.goods import Goods
from pos_terminal.wire.receipt.parts.original import Original

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Part(Struct, frozen=True):
    """Of one payment that it stands on."""

    tender: Pair = NO_TEXT
    masked_card: str = ""
    amount: int = 0


class ExchangeCredited(Body, frozen=True, tag="exchange_credit"):
    of_its_own = True
    signed = "exchange_credited"

    number: str = ""
    """Masked on the merchant's copy: it is worth its amount."""
    until: str = ""
    """When the till stops to take it, ISO 8601."""
    parts: tuple[Part, ...] = ()
    """Where the rest goes back to."""
    goods: Goods = Goods()
    original: Original = Original()
    decided: Decided = Decided()

    def is_money(self, copy: Copy) -> bool:
        return copy is Copy.CUSTOMER

    def whose(self, blocks: Blocks, copy: Copy) -> Iterator[Row]:
        """Whoever holds it can use it: it is nobody's copy."""
        if copy is Copy.CUSTOMER:
            yield from blocks.notes("voucher_worth")
        else:
            yield from blocks.centred(blocks.wording.label("merchant_copy"))

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield blocks.rule()
        yield from blocks.amount("amount_exchange_credit", head.amount, head.currency)
        yield from blocks.facts(
            ("exchange_number", self.number),
            ("exchange_until", moment(self.until)),
            ("currency", currency_name(head.currency)),
        )
        if head.copy is Copy.CUSTOMER:
            yield from blocks.said("terms", blocks.wording.each("exchange_terms"))
        yield from self.goods.rows(blocks, head)
        yield from self._parts(blocks, head)
        yield from self.original.rows(blocks, head)
        yield from self.decided.rows(blocks, head)

    def _parts(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        """What is not used goes back so, as far as it is left."""
        if not self.parts:
            return
        yield blocks.rule()
        yield blocks.heading("exchange_parts")
        for part in self.parts:
            paid_by = part.masked_card or " ".join(blocks.wording.pick(part.tender))
            yield from blocks.entry(paid_by, format_amount(part.amount, head.currency))

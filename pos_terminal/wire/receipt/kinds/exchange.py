"""An exchange: what came back, and what went out for it; no money (R37)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.core.money import format_amount
from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.goods import Goods, numbers
from pos_terminal.wire.receipt.parts.original import Original

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class ItemOut(Struct, frozen=True):
    """What went out for the goods of one line."""

    text: str
    """Name, code and quantity."""
    price: int | None = None
    """As the clerk typed it, where nothing else says it: the merchant's alone, as what follows."""
    last_sold_for: int | None = None
    serials: tuple[str, ...] = ()
    """Numbers of its pieces."""
    unread: int = 0
    """How many of them nobody read."""


class Exchanged(Body, frozen=True, tag="exchange"):
    signed = "exchanged"

    goods: Goods = Goods()
    """That came back."""
    out: tuple[ItemOut, ...] = ()
    more_out: int = 0
    """How many more lines there are."""
    original: Original = Original()
    decided: Decided = Decided()

    @property
    def agreement(self) -> str:
        """Nobody signs to have returned what never came."""
        return "exchanged_missing" if self._missing else self.signed

    @property
    def _missing(self) -> bool:
        return any(one.absent for one in self.goods.items)

    def notes(self) -> tuple[str, ...]:
        return ("exchange_note",)

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield blocks.rule()
        yield from blocks.amount("amount_exchanged", head.amount, head.currency)
        yield from self.goods.rows(
            blocks, head, "items_replaced" if self._missing else "items_back"
        )
        if self.out:
            yield blocks.rule()
            yield blocks.heading("items_out")
            for one in self.out:
                yield from blocks.entry(one.text, "")
                yield from numbers(blocks, one.serials, one.unread)
                if head.copy is Copy.MERCHANT:
                    yield from _prices(blocks, one, head.currency)
            if self.more_out:
                more = " ".join(blocks.wording.each("more_items", n=self.more_out))
                yield from blocks.entry(more, "")
        yield from self.original.rows(blocks, head)
        yield from self.decided.rows(blocks, head)


def _prices(blocks: Blocks, one: ItemOut, currency: str) -> Iterator[Row]:
    for label, price in (("price_typed", one.price), ("sold_last_for", one.last_sold_for)):
        if price is not None:
            yield from blocks.entry(blocks.wording.label(label), format_amount(price, currency))

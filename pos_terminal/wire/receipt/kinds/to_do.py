"""What of a ticket could not be done yet, for who comes back with it (R35)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.core.money import format_amount
from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.figures import moment
from pos_terminal.wire.receipt.head import Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Left(Struct, frozen=True):
    """One leg."""

    sale: str
    """The number by which people know it."""
    at: str
    """When it was sold, ISO 8601."""
    tender: Pair = NO_TEXT
    masked_card: str = ""
    amount: int = 0
    credit: str = ""
    """The exchange credit whose rest it is, masked."""


class ToDo(Body, frozen=True, tag="to_do"):
    alarming = True

    legs: tuple[Left, ...] = ()

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield blocks.rule()
        for leg in self.legs:
            yield from blocks.entry(leg.sale, moment(leg.at))
            yield from blocks.facts(("of_credit", leg.credit))
            paid_by = leg.masked_card or " ".join(blocks.wording.pick(leg.tender))
            yield from blocks.entry(paid_by, format_amount(leg.amount, head.currency))
        yield blocks.rule()
        yield from blocks.amount("amount_to_do", head.amount, head.currency)

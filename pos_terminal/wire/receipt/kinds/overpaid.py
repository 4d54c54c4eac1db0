"""Approved after it was given up: the sale is locked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.head import Head
from pos_terminal.wire.receipt.parts.of_card import OfCard
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.telling import Telling
from pos_terminal.wire.receipt.parts.why import Why

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Overpaid(OfCard, frozen=True, tag="overpaid"):
    alarming = True

    why: Why = Why()
    concluded: Telling | None = None
    """Who had given it up."""
    late: Telling | None = None
    """Who told of the approval; None where it came on the line."""
    original: Original = Original()

    def notes(self) -> tuple[str, ...]:
        concluded = (self.concluded.note,) if self.concluded else ()
        return (f"{self.kind}_note", *concluded)

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from self.request.rows(blocks, head)
        yield blocks.rule()
        yield from blocks.amount("amount_late", head.amount, head.currency)
        yield blocks.rule()
        yield from self.why.rows(blocks)
        if self.concluded:
            yield from self.concluded.concluded_rows(blocks, head)
        if self.late:
            yield from self.late.late_rows(blocks)
        yield from self.original.rows(blocks, head)

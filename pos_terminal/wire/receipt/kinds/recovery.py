"""What went back too much is paid at the till as a new sale: its scanner finds this by the code
(R46)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.figures import money
from pos_terminal.wire.receipt.head import Head

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Recovery(Body, frozen=True, tag="recovery"):
    signed = "recovery_agreed"

    number: str = ""
    sale: str = ""
    """The number by which people know it."""
    given: int = 0
    """Minor units that went back in all."""

    def notes(self) -> tuple[str, ...]:
        return ("recovery_note",)

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        given = money(self.given, head.currency) if self.given else ""
        yield from blocks.facts(
            ("paper_number", self.number), ("of_sale", self.sale), ("proof_returned", given)
        )
        yield blocks.rule()
        yield from blocks.amount("amount_recovery", head.amount, head.currency)

"""The sale that is given back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.wire.receipt.figures import moment, money
from pos_terminal.wire.receipt.head import Head

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Original(Struct, frozen=True):
    trace: str = ""
    rrn: str = ""
    receipt: str = ""
    """The till's number of the receipt: all that a cash sale may have."""
    at: str = ""
    amount: int = 0
    terminal: str = ""
    typed: bool = False
    """A clerk typed by what the acquirer knows it (R7)."""
    credit: str = ""
    """The exchange credit that this is of, masked."""
    credit_amount: int = 0
    """What that was worth, where this is of its rest."""
    credit_taken: int = 0
    """And what the till took of it."""
    again: tuple[int, ...] = ()
    """Applications whose refund came back from the account, and is given again (R50)."""

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        def amount(minor: int) -> str:
            return money(minor, head.currency) if minor else ""

        facts = blocks.facts(
            ("terminal", self.terminal),
            ("original_trace", self.trace),
            ("original_rrn", self.rrn),
            ("original_receipt", self.receipt),
            ("original_at", moment(self.at)),
            ("original_amount", amount(self.amount)),
            ("of_credit", self.credit),
            ("of_credit_worth", amount(self.credit_amount)),
            ("of_credit_taken", amount(self.credit_taken)),
            ("given_again", " ".join(map(str, self.again))),
        )
        said = blocks.plain(blocks.wording.label("original_typed")) if self.typed else ()
        yield from blocks.ruled((*facts, *said), "original")

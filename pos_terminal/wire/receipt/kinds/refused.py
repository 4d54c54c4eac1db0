"""Refused by a rule, or before an amount was asked, with the contact for a complaint (R67)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.parts.not_given_back import NotGivenBack

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.head import Head
    from pos_terminal.wire.receipt.paper import Row


class Refused(NotGivenBack, frozen=True, tag="refused"):
    rule_for_all = True

    given: str = ""
    """What was typed or scanned, where it led to no sale."""

    def concluded_rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from blocks.facts(("given", self.given))

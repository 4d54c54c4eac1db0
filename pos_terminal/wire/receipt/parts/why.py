"""Why it came so, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.wire.receipt.pair import NO_TEXT, Pair

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Why(Struct, frozen=True):
    cause: Pair = NO_TEXT
    advice: Pair = NO_TEXT

    def rows(self, blocks: Blocks) -> Iterator[Row]:
        yield from blocks.told("cause", self.cause)
        yield from blocks.told("advice", self.advice)

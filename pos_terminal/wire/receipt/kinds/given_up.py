"""People, or the acquirer's file, found that nothing was paid (R32)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pos_terminal.wire.receipt.head import Head
from pos_terminal.wire.receipt.parts.not_given_back import NotGivenBack
from pos_terminal.wire.receipt.parts.telling import Telling

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class GivenUp(NotGivenBack, frozen=True, tag="given_up"):
    concluded: Telling | None = None

    def notes(self) -> tuple[str, ...]:
        concluded = (self.concluded.note,) if self.concluded else ()
        return (f"{self.kind}_note", *concluded)

    def concluded_rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        if self.concluded:
            yield from self.concluded.concluded_rows(blocks, head)

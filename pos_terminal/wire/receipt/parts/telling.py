"""Who told of an outcome that the line did not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.wire.receipt.head import Copy, Head

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Telling(Struct, frozen=True):
    reference: str
    """The acquirer's, of its posting or its enquiry."""
    by: tuple[str, ...]
    """"number name" of the two who told it, or "file:line"; merchant's copy."""
    by_file: bool = False
    """By the acquirer's file, and not by people."""

    @property
    def note(self) -> str:
        """Name of the text beneath the title."""
        return "concluded_file_note" if self.by_file else "concluded_note"

    def concluded_rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        """By what and by whom an unknown outcome was concluded."""
        tellers = self.by if head.copy is Copy.MERCHANT else ()
        yield from self._rows(blocks, "concluded_file" if self.by_file else "concluded", tellers)

    def late_rows(self, blocks: Blocks) -> Iterator[Row]:
        """Who told of the approval that came after that."""
        yield from self._rows(blocks, "told_late", self.by)

    def _rows(self, blocks: Blocks, heading: str, tellers: tuple[str, ...]) -> Iterator[Row]:
        label = "concluded_line" if self.by_file else "concluded_by"
        yield blocks.rule()
        yield blocks.heading(heading)
        yield from blocks.facts(("concluded_ref", self.reference))
        yield from blocks.facts(*((label, who) for who in tellers))

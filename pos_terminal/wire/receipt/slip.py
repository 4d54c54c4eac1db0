"""A slip as facts: stored with its print job, rendered to bytes when it is printed."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.head import Copy, Head


class Slip(Struct, frozen=True):
    """Everything that a slip shows: what all have, and what its kind has."""

    head: Head
    body: Body

    @property
    def kind(self) -> str:
        return self.body.kind

    @property
    def copy(self) -> Copy:
        return self.head.copy

    def copy_for(self, copy: Copy) -> Slip:
        """The same slip as another copy."""
        return replace(self, head=replace(self.head, copy=copy))

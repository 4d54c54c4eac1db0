"""A slip as its print job keeps it: JSON, read back as the kind that it is of."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from pos_terminal.wire.receipt.all_kinds import Kinds
from pos_terminal.wire.receipt.head import Head
from pos_terminal.wire.receipt.slip import Slip


class _Stored(Struct, frozen=True):
    head: Head
    body: Kinds


def read_slip(text: str) -> Slip:
    """msgspec.ValidationError for what is no slip of a known kind."""
    found = msgspec.json.decode(text, type=_Stored)
    return Slip(found.head, found.body)

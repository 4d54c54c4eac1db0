"""One fact of a case: a label, and its value where it has one."""

from __future__ import annotations

from msgspec import Struct

from pos_terminal.wire.receipt.pair import Pair


class Told(Struct, frozen=True):
    label: Pair
    value: str = ""

"""What came back from the customer's account and waits to be given again (R50)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace


class CameBack(Struct, frozen=True):
    """A refund that came back; ``left`` of it is to be given again, minor units."""

    refund_id: int
    application: int
    left: int


def first_of(back: Sequence[CameBack], amount: int) -> Sequence[CameBack]:
    """So many minor units of it, of the first first."""
    parts = []
    for one in back:
        part = min(one.left, amount)
        if part > 0:
            parts.append(replace(one, left=part))
            amount -= part
    return parts


def not_yet(back: Sequence[CameBack], given: int) -> Sequence[CameBack]:
    """What is left of it, once so many minor units were given."""
    gone = {one.refund_id: one.left for one in first_of(back, given)}
    parts = [replace(one, left=one.left - gone.get(one.refund_id, 0)) for one in back]
    return [one for one in parts if one.left]

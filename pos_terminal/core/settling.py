"""What a file of the acquirer would settle, as people see it before it is taken (R32)."""

from __future__ import annotations

from msgspec import Struct


class Settling(Struct, frozen=True, kw_only=True):
    """Counts, and sums in minor units."""

    paid: int = 0
    paid_sum: int = 0
    not_paid: int = 0
    not_paid_sum: int = 0
    """What was asked for and is free again then."""
    returned: int = 0
    returned_sum: int = 0
    """What came back: to give back again."""
    cases: int = 0
    over: int = 0
    """What the acquirer paid beside what is given back here."""

    def __bool__(self) -> bool:
        return bool(self.paid or self.not_paid or self.cases or self.returned)

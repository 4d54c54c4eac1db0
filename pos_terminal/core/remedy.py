"""What can be done about a case, by its kind: one table (R46, R47a)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pos_terminal.core.case import CaseKind


class Remedy(StrEnum):
    PAYOUT = "payout"
    """Freight or goodwill, beside the sale."""


def remedies(kind: CaseKind) -> tuple[Remedy, ...]:
    """In their order on the screen; none where only its closing is left."""
    return _OF.get(kind, ())


_OF: Final[Mapping[CaseKind, tuple[Remedy, ...]]] = {
    CaseKind.AMOUNT_LITTLE: (Remedy.PAYOUT,),
    CaseKind.AMOUNT_MUCH: (Remedy.PAYOUT,),
    CaseKind.ACCOUNT: (Remedy.PAYOUT,),
    CaseKind.GOODS: (Remedy.PAYOUT,),
    CaseKind.TIME: (Remedy.PAYOUT,),
    CaseKind.COMPLAINT: (Remedy.PAYOUT,),
    CaseKind.SLIP_DISPUTED: (Remedy.PAYOUT,),
}

"""What can be done about a case, by its kind: one table (R46, R47a)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import Kind, Refund, State


class Remedy(StrEnum):
    REFUND = "refund"
    """What is missing goes back as a second refund of the sale, within its balance."""
    STOCK = "stock"
    """The goods are booked as they are: a counter-movement and the right one."""
    PAYOUT = "payout"
    """Freight or goodwill, beside the sale."""


def remedies(kind: CaseKind) -> tuple[Remedy, ...]:
    """In their order on the screen; none where only its closing is left."""
    return _OF.get(kind, ())


def stays_gone(kind: CaseKind, refund: Refund | None) -> bool:
    """Whether somebody may ask to take it back, and nobody can: what an acquirer has accepted is
    taken back by no profile that there is (R47)."""
    accepted = refund is not None and refund.kind is Kind.REFUND and refund.state in _ACCEPTED
    return accepted and kind in (CaseKind.AMOUNT_MUCH, CaseKind.ACCOUNT)


_ACCEPTED: Final = (State.ACCEPTED, State.CONFIRMED)
_OF: Final[Mapping[CaseKind, tuple[Remedy, ...]]] = {
    CaseKind.AMOUNT_LITTLE: (Remedy.REFUND, Remedy.PAYOUT),
    CaseKind.AMOUNT_MUCH: (Remedy.PAYOUT,),
    CaseKind.ACCOUNT: (Remedy.PAYOUT,),
    CaseKind.GOODS: (Remedy.STOCK, Remedy.PAYOUT),
    CaseKind.TIME: (Remedy.PAYOUT,),
    CaseKind.COMPLAINT: (Remedy.PAYOUT,),
    CaseKind.SLIP_DISPUTED: (Remedy.PAYOUT,),
}

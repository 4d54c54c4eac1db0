"""What can be done about a case, by its kind: one table (R46, R47a)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import Kind, Refund, State


class Remedy(StrEnum):
    REFUND = "refund"
    """What is missing, or came back, goes back as a second refund of the sale, within its
    balance."""
    RECOVERY = "recovery"
    """What was too much is paid at the till as a new sale: never a negative refund."""
    CORRECTION = "correction"
    """The acquirer is asked by a form to fetch it back from the wrong account."""
    STOCK = "stock"
    """The goods are booked as they are: a counter-movement and the right one."""
    EXCHANGE = "exchange"
    """A piece that came damaged, or not at all, is replaced by another one."""
    ENQUIRY = "enquiry"
    """The acquirer is asked by a form where the money is."""
    CERTIFICATE = "certificate"
    """The customer's slips of the refund once more."""
    CLAIM = "claim"
    """The supplier of the goods is asked to bear it."""
    CREDIT = "credit"
    """What a till took of an exchange credit for a sale that it voided since goes back where it
    came from."""
    PAYOUT = "payout"
    """Freight or goodwill, beside the sale."""


def remedies(kind: CaseKind) -> tuple[Remedy, ...]:
    """In their order on the screen; none where only its closing is left."""
    return _OF.get(kind, ())


def stays_gone(kind: CaseKind, refund: Refund | None) -> bool:
    """Whether somebody may ask to take it back, and nobody can: what an acquirer has accepted is
    taken back by no profile that there is (R47)."""
    return is_accepted(refund) and kind in (CaseKind.AMOUNT_MUCH, CaseKind.ACCOUNT)


def is_accepted(refund: Refund | None) -> bool:
    """By an acquirer, which can be asked about it."""
    return refund is not None and refund.kind is Kind.REFUND and refund.state in _ACCEPTED


def may_be_known(refund: Refund | None) -> bool:
    """To an acquirer, which can say where it is: also one whose outcome nobody knows here, and one
    that people gave up."""
    asked = refund is not None and refund.kind in (Kind.REFUND, Kind.VOID)
    return asked and refund is not None and refund.state in (*_ACCEPTED, *_IN_DOUBT)


_ACCEPTED: Final = (State.ACCEPTED, State.CONFIRMED)
_IN_DOUBT: Final = (State.UNKNOWN, State.GIVEN_UP, State.OVERPAID)
_OF: Final[Mapping[CaseKind, tuple[Remedy, ...]]] = {
    CaseKind.AMOUNT_LITTLE: (Remedy.REFUND, Remedy.PAYOUT),
    CaseKind.AMOUNT_MUCH: (Remedy.RECOVERY, Remedy.PAYOUT),
    CaseKind.ACCOUNT: (Remedy.CORRECTION, Remedy.RECOVERY, Remedy.PAYOUT),
    CaseKind.GOODS: (Remedy.STOCK, Remedy.EXCHANGE, Remedy.CLAIM, Remedy.PAYOUT),
    CaseKind.TIME: (Remedy.ENQUIRY, Remedy.CERTIFICATE, Remedy.PAYOUT),
    CaseKind.COMPLAINT: (
        *(Remedy.EXCHANGE, Remedy.ENQUIRY, Remedy.CERTIFICATE, Remedy.CLAIM),
        Remedy.PAYOUT,
    ),
    **dict.fromkeys(
        (
            *(CaseKind.OVERPAYMENT, CaseKind.PAID_TWICE, CaseKind.CONTRADICTION),
            *(CaseKind.TYPED_DIFFERS, CaseKind.ELSEWHERE),
        ),
        (Remedy.RECOVERY,),
    ),
    CaseKind.EXCHANGE_NOT_TOLD: (Remedy.CREDIT,),
    CaseKind.RETURNED: (Remedy.REFUND, Remedy.PAYOUT),
    CaseKind.SLIP_DISPUTED: (Remedy.ENQUIRY, Remedy.CERTIFICATE, Remedy.PAYOUT),
}

"""A ticket: one customer at one time, and the plan of how the money goes back (R35).

A leg is one payment of one sale, with an application of its own. A ticket has no row: it is named
by the number of its first application, and is what its applications are.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

from msgspec import Struct

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.digest import digest
from pos_terminal.core.items import Item
from pos_terminal.core.refund import UNFINISHED, Kind, State
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.tenders import Basis

ORDER: Final[Mapping[TenderKind, int]] = {
    TenderKind.CARD: 0,
    TenderKind.WALLET: 1,
    TenderKind.VOUCHER: 2,
    TenderKind.POINTS: 2,
    TenderKind.TRANSFER: 3,
    TenderKind.EXCHANGE: 3,
    TenderKind.CASH: 4,
}
"""In which an amount fills the legs; what people carry out elsewhere comes before cash."""

_ANOTHER: Final[Mapping[Kind, int]] = {
    Kind.CREDIT: ORDER[TenderKind.VOUCHER],
    Kind.MANUAL: ORDER[TenderKind.TRANSFER],
    Kind.CASH: ORDER[TenderKind.CASH],
}

L = TypeVar("L", bound=Hashable)
NONE_WAITS: Final[Mapping[Any, int]] = MappingProxyType({})


class TicketState(StrEnum):
    OPEN = "open"
    """Being entered or carried out, without an outcome, or cash that lies in the drawer still."""
    DONE = "done"
    TODO = "todo"
    """Something of it that was approved or declined waits to be done."""


class PlannedLeg(Struct, frozen=True):
    """What the digest of a plan is made of."""

    sale_key: int | None
    leg: int
    kind: Kind
    amount: int
    items: Sequence[Item] = ()
    basis: Basis | None = None
    """Why it goes another way (R34)."""


class Standing(Struct, frozen=True):
    """Where an application stands."""

    state: ApplicationState
    kept: bool
    refund: State | None
    """Of its newest refund; None where it has none."""


def order_of(paid: TenderKind, back: Kind | None = None) -> int:
    """Where a leg stands that was ``paid`` so; ``back``: another way that was chosen for it."""
    return ORDER[paid] if back is None else _ANOTHER[back]


def fill(amount: int, room: Mapping[L, int], waits: Mapping[L, int] = NONE_WAITS) -> dict[L, int]:
    """``amount`` over the legs in their order, each up to what it has room for; minor units.

    What ``waits`` for something else of a leg is touched last.
    """
    parts = {}
    for leg, most in room.items():
        parts[leg] = min(amount, max(0, most - waits.get(leg, 0)))
        amount -= parts[leg]
    if amount and waits:
        more = fill(amount, {leg: most - parts[leg] for leg, most in room.items()})
        return {leg: part + more[leg] for leg, part in parts.items()}
    return parts


def moved(parts: Mapping[L, int], room: Mapping[L, int], leg: L, wanted: int) -> dict[L, int]:
    """The same sum with ``wanted`` for this leg, as far as it has room and the others have it; the
    others are filled in their order."""
    total = sum(parts.values())
    others = {one: most for one, most in room.items() if one != leg}
    least = total - sum(max(0, most) for most in others.values())
    own = max(least, 0, min(wanted, room[leg], total))
    filled = fill(total - own, others)
    return {one: own if one == leg else filled[one] for one in room}


def plan_digest(legs: Iterable[PlannedLeg]) -> str:
    """Of the plan that somebody approves: which leg of which sale, how, how much, which goods, and
    how these were found. Whether an amount that names none brings some all the same is no part of
    it: nothing moves by that answer, which stands with the application and is asked once."""
    return digest(
        [
            [
                *(leg.sale_key, leg.leg, leg.kind, leg.amount),
                *sorted((item.line, item.quantity) for item in leg.items),
                *[[one.line, one.looked] for one in leg.items if one.looked is not None],
                *([] if leg.basis is None else _facts(leg.basis)),
            ]
            for leg in legs
        ]
    )


def _facts(basis: Basis) -> list[str]:
    """Without the references: a digest could be held against guesses of them."""
    return [basis.exception, *(one.kind for one in basis.evidence)]


def state_of(applications: Iterable[Standing]) -> TicketState:
    """Of a ticket with these."""
    state = TicketState.DONE
    for one in applications:
        if one.state is ApplicationState.OPEN and one.kept:
            return TicketState.TODO
        under_way = one.state in (ApplicationState.OPEN, ApplicationState.SEALED)
        if under_way or one.refund in UNFINISHED:
            state = TicketState.OPEN
    return state

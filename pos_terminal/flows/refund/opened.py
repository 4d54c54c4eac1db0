"""Payments of which a commit opens something, as an approved plan of its ticket: the rest of an
exchange credit, and what goods that one bought had been paid with (R37)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec.structs import replace

from pos_terminal.core.decision import Decision
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.ticket import PlannedLeg, plan_digest
from pos_terminal.core.words import Words
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.approve_plan import Seen
from pos_terminal.flows.refund.going import Going, newest, planned_as
from pos_terminal.ports import Application, Approval, Draft


class Opened(Protocol):
    """One payment of which something is to go back in the plan that a commit opens."""

    @property
    def wanted(self) -> Wanted: ...

    @property
    def decision(self) -> Decision: ...

    @property
    def against(self) -> Words | None:
        """Why nothing goes back now: it is left to do."""


def seen_of(wanted: Wanted, ticket: int) -> Seen:
    """What of it a supervisor sees."""
    goes = wanted.choice.kind
    return Seen(
        *(wanted.sale, wanted.tender, wanted.amount, goes, None, ticket), invoice=wanted.invoice
    )


def under_way(
    desk: Desk, opened: Sequence[Opened], applications: Sequence[Application]
) -> tuple[Sequence[Going], Mapping[int, Words]]:
    """What can be done now, of the sale as it is by now; and what is against the others."""
    going: list[Going] = []
    against: dict[int, Words] = {}
    for one, application in zip(opened, applications, strict=True):
        sale = desk.ledger.sales.by_key(application.sale_key)
        if one.against is not None:
            against[application.number] = one.against
        elif sale is not None:
            wanted = replace(one.wanted, sale=sale, tender=sale.tender(application.leg))
            going.append(Going(application, wanted, one.decision))
    return going, against


def digest_with(desk: Desk, ticket: int, opened: Sequence[Opened]) -> str:
    """Of the ticket's plan as it will stand, which is what going on with it asks for."""
    legs = [planned_as(desk, one) for one in newest(desk, ticket)]
    for one in opened:
        wanted = one.wanted
        planned = (wanted.sale.key, wanted.tender.leg, wanted.choice.kind, wanted.amount)
        legs.append(PlannedLeg(*planned))
    return plan_digest(legs)


def draft_behind(
    desk: Desk,
    before: Application,
    one: Opened,
    approvals: Sequence[Approval],
    goods_back: GoodsBack | None = None,
) -> Draft:
    """In the ticket of the application that brought the goods back. What can't go back now is
    approved once it can."""
    wanted = one.wanted
    return Draft(
        sale_key=wanted.sale.key,
        leg=wanted.tender.leg,
        ticket=before.ticket,
        kind=wanted.choice.kind,
        amount=wanted.amount,
        reason=before.reason,
        note=before.note,
        operator=desk.clerk.number,
        goods_back=goods_back,
        invoice=wanted.invoice,
        decisions=() if one.decision.refuses else (one.decision,),
        approvals=approvals if one.against is None else (),
        kept=True,
    )

"""A leg of a ticket on its way: its application, and what it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.decision import Decision
from pos_terminal.core.items import Item
from pos_terminal.core.refund import GOODS_BACK, HOLDING, State
from pos_terminal.core.ticket import PlannedLeg
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.ports import Application


class Going(Struct, frozen=True):
    application: Application
    wanted: Wanted
    decision: Decision


def newest(desk: Desk, ticket: int) -> Sequence[Application]:
    """The plan: of each place the newest application."""
    return list({one.place: one for one in desk.ledger.applications.of_ticket(ticket)}.values())


def planned_as(desk: Desk, one: Application) -> PlannedLeg:
    """What of it was, or is to be, approved."""
    basis = desk.ledger.exceptions.of_application(one.number)
    return PlannedLeg(one.sale_key, one.leg, one.kind, one.amount, one.items, basis)


def gone_before(desk: Desk, ticket: int) -> int:
    """What of it went back, or is on its way, minor units: a limit is held against the sum."""
    gone = (ApplicationState.DONE, ApplicationState.SEALED)
    return sum(given_back(desk, one) for one in newest(desk, ticket) if one.state in gone)


def given_back(desk: Desk, one: Application) -> int:
    """By this leg; all of it as long as its outcome is not known. Of an exchange credit what the
    till took, once that is all."""
    of_sale = [] if one.sale_key is None else desk.ledger.refunds.of_sale(one.sale_key)
    own = [refund for refund in of_sale if refund.application == one.number]
    done = sum(refund.done for refund in own)
    if any(refund.state is State.SETTLED for refund in own):
        return done
    return done or one.amount


def came_back(desk: Desk, ticket: int, sale_key: int) -> datetime | None:
    """When the first goods of this sale came back in the ticket; None where none did."""
    named = {one.number for one in desk.ledger.applications.of_ticket(ticket) if one.items}
    of_sale = desk.ledger.refunds.of_sale(sale_key)
    back = [one for one in of_sale if one.application in named]
    there = (one.sealed_at for one in back if one.state in GOODS_BACK | HOLDING)
    return min(there, default=None)


def is_open_again(desk: Desk, one: Application) -> bool:
    """Whether goods that an exchange credit paid for opened it again, in the same ticket."""
    credit = desk.ledger.exchange_credits.behind(one.number)
    return credit is not None and credit.sale_key == one.sale_key and credit.ticket != one.ticket


def left_of_ticket(desk: Desk, ticket: int) -> Sequence[Application]:
    """What of it is to do."""
    return [
        one
        for one in desk.ledger.applications.of_ticket(ticket)
        if one.state is ApplicationState.OPEN and one.kept
    ]


def goods_of(desk: Desk, one: Application) -> tuple[Item, ...]:
    """Those that another leg of its sale names, as far as they are not back yet."""
    if one.items:
        return ()
    left = (other for other in left_of_ticket(desk, one.ticket) if other.sale_key == one.sale_key)
    return next((other.items for other in left if other.items), ())


def about_of(desk: Desk, one: Application) -> frozenset[int]:
    """Lines of the goods that another leg of its sale has named, whatever became of that one."""
    of_sale = (other for other in newest(desk, one.ticket) if other.sale_key == one.sale_key)
    return frozenset(item.line for other in of_sale for item in other.items)

"""What authorises a leg: chosen by how its tender goes back. Only a card leg needs a card."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from pos_terminal.core.refund import Kind
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.flows.refund.book_points import book_points
from pos_terminal.flows.refund.confirm_amount import confirm_amount
from pos_terminal.flows.refund.hand_out_cash import hand_out_cash
from pos_terminal.flows.refund.issue_credit import issue_credit
from pos_terminal.flows.refund.print_form import print_form
from pos_terminal.flows.refund.to_card import to_card
from pos_terminal.ports import Application

Way = Callable[[Desk, Application, Wanted], Awaitable[None]]
"""Carries out an approved application, to its outcome or its Failure."""


async def _in_notes(desk: Desk, application: Application, wanted: Wanted) -> None:
    await confirm_amount(desk, application, wanted.sale)
    await hand_out_cash(desk, [application])


async def _as_credit(desk: Desk, application: Application, wanted: Wanted) -> None:
    await confirm_amount(desk, application, wanted.sale)
    await issue_credit(desk, application)


async def _by_form(desk: Desk, application: Application, wanted: Wanted) -> None:
    await confirm_amount(desk, application, wanted.sale)
    await print_form(desk, application)


async def _as_points(desk: Desk, application: Application, wanted: Wanted) -> None:
    await confirm_amount(desk, application, wanted.sale)
    await book_points(desk, application)


#: ``core.eligibility.choose_kind`` makes the kind of the tender
WAYS: Final[Mapping[Kind, Way]] = {
    Kind.REFUND: to_card,
    Kind.VOID: to_card,
    Kind.CASH: _in_notes,
    Kind.CREDIT: _as_credit,
    Kind.MANUAL: _by_form,
    Kind.POINTS: _as_points,
}

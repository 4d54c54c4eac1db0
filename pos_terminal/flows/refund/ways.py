"""What authorises a leg: chosen by how its tender goes back. Only a card leg needs a card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

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


class Way(Protocol):
    """Carries out an approved application, to its outcome or its Failure. ``more`` of its ticket
    follows."""

    async def __call__(
        self, desk: Desk, application: Application, wanted: Wanted, *, more: bool = False
    ) -> None: ...


async def _in_notes(
    desk: Desk, application: Application, wanted: Wanted, *, more: bool = False
) -> None:
    del more  # cash comes last
    await confirm_amount(desk, application, wanted.sale)
    await hand_out_cash(desk, [application])


async def _as_credit(
    desk: Desk, application: Application, wanted: Wanted, *, more: bool = False
) -> None:
    await confirm_amount(desk, application, wanted.sale)
    await issue_credit(desk, application, more=more)


async def _by_form(
    desk: Desk, application: Application, wanted: Wanted, *, more: bool = False
) -> None:
    await confirm_amount(desk, application, wanted.sale)
    await print_form(desk, application, more=more)


async def _as_points(
    desk: Desk, application: Application, wanted: Wanted, *, more: bool = False
) -> None:
    await confirm_amount(desk, application, wanted.sale)
    await book_points(desk, application, more=more)


#: ``core.eligibility.choose_kind`` makes the kind of the tender
WAYS: Final[Mapping[Kind, Way]] = {
    Kind.REFUND: to_card,
    Kind.VOID: to_card,
    Kind.CASH: _in_notes,
    Kind.CREDIT: _as_credit,
    Kind.MANUAL: _by_form,
    Kind.POINTS: _as_points,
}

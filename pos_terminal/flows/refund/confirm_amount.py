"""What the shop gives by itself stands alone on the screen before it is committed."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.of_gift import known_as, to_holder
from pos_terminal.ports import Application
from pos_terminal.ui.ask import confirm, large
from pos_terminal.ui.page import Line, Page


async def confirm_amount(desk: Desk, application: Application, sale: Sale) -> None:
    """Cash, store credit or a form: no acquirer looks at it again. Cancelled: nothing is given."""
    number = known_as(sale, gift=to_holder(desk, application))
    page = Page(
        "refund.confirm",
        say(f"flows.kind_{application.kind.value}"),
        (
            Line(sale.when, number),
            large(say("flows.amount"), with_symbol(application.amount, sale.currency)),
        ),
        hint=say(f"flows.confirm_{application.kind.value}"),
    )
    await confirm(desk.ui, page)


async def confirm_cash(desk: Desk, applications: Sequence[Application], currency: str) -> None:
    """The sum of a ticket's cash legs. Cancelled: nothing is given."""
    total = sum(one.amount for one in applications)
    page = Page(
        "refund.confirm",
        say("flows.kind_cash"),
        (
            Line(say("flows.ticket"), f"#{applications[0].ticket}"),
            large(say("flows.amount"), with_symbol(total, currency)),
        ),
        hint=say("flows.confirm_cash"),
    )
    await confirm(desk.ui, page)

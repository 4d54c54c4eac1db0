"""What became of a refund, as the customer is told it (R50)."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports.standing import Standing
from pos_terminal.texts import words_if_known
from pos_terminal.ui.ask import large, tell
from pos_terminal.ui.page import Line


async def show_status(desk: Desk, standing: Standing) -> None:
    """Until it is read; nothing changes."""
    lines = status_lines(desk, standing)
    await tell(desk.ui, "status.result", say("status.menu"), *lines, alert=False)


def status_lines(desk: Desk, standing: Standing) -> list[Line]:
    application = standing.application
    sale = desk.ledger.sales.by_key(application.sale_key)
    currency = desk.shop.currency if sale is None else sale.currency
    kind = say(f"flows.kind_{application.kind.value}")
    lines = [
        large(say(f"status.is_{standing.status.value}")),
        Line(_meaning(standing)),
        Line(say("status.since"), standing.day(desk.shop.local)),
        *([Line(say("status.arn"), standing.arn)] if standing.arn else []),
        Line(kind, with_symbol(standing.amount, currency)),
        Line(say("status.application"), str(application.number)),
    ]
    return [*lines, *([] if sale is None else [Line(sale.when, sale.name)])]


def _meaning(standing: Standing) -> Words:
    """What is true of this refund alone, where that says more than its status does."""
    if standing.given_again:
        return say("status.means_given_again")
    of_status = say(f"status.means_{standing.status.value}")
    if standing.refund is None or standing.became is not None:
        return of_status
    return words_if_known(f"status.means_{standing.refund.state.value}") or of_status

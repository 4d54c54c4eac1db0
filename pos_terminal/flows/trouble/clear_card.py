"""Two people end what the acquirer called a card: stolen, lost or fraud (R34, R81)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.refund import Refund
from pos_terminal.core.words import say
from pos_terminal.flows.common.ask_supervisor import ask_each
from pos_terminal.flows.common.confirm_clock import confirm_clock
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.secret_code import REFERENCE, ask_digits
from pos_terminal.ports.records import Clearing
from pos_terminal.ui.ask import choose, confirm, heading, tell, tell_empty
from pos_terminal.ui.page import Line, Page

MOST_LISTED: Final = 90


async def clear_card(desk: Desk) -> None:
    """Which card, by what, two supervisors, one commit. A later answer counts anew."""
    title = say("cleared.title")
    called = desk.ledger.cleared.still_called(MOST_LISTED)
    if not called:
        await tell_empty(desk.ui, "cleared.none", title, say("cleared.none"))
        return
    page = Page("cleared.choose", title)
    refund = called[await choose(desk.ui, page, [_option(desk, one) for one in called])]
    await confirm_clock(desk)
    desk.must_know_the_time()
    about = _about(desk, refund)
    page = Page("cleared.reference", title, (*about, Line(say("cleared.reference"))))
    reference = await ask_digits(desk, page, REFERENCE)
    what = (*about, Line(say("unknown.reference_is"), reference))
    first, second = await ask_each(
        desk, 2, what, {desk.clerk.number}, amount=refund.amount, rule=Clearing.RULE
    )
    people = (Line(f"{one.supervisor} {one.name}") for one in (first, second))
    lines = (*what, *people, heading(say("cleared.means")))
    hint = say("unknown.confirm_hint")
    await confirm(desk.ui, Page("cleared.confirm", title, lines, hint=hint))
    clearing = Clearing(reference, desk.clerk.number, (first, second))
    await desk.ledger.cleared.clear(refund.refund_id, clearing)
    await tell(desk.ui, "cleared.done", title, say("cleared.done"), alert=False)


def _option(desk: Desk, refund: Refund) -> Line:
    """Two rows: the card as far as it may be shown, then when and by which answer."""
    at = desk.shop.local(refund.concluded_at or refund.sealed_at)
    card = refund.masked or f"#{refund.application}"
    return Line(f"{card}\n  {at:%Y-%m-%d %H:%M} {refund.response or ''}")


def _about(desk: Desk, refund: Refund) -> tuple[Line, ...]:
    at = desk.shop.local(refund.concluded_at or refund.sealed_at)
    return (
        heading(say("unknown.card"), refund.masked or f"#{refund.application}"),
        Line(say("cleared.called"), f"{at:%Y-%m-%d} {refund.response or ''}"),
    )

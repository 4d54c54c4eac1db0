"""What went back too much: a slip that the customer pays at the till, as a new sale (R46)."""

from __future__ import annotations

from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import say
from pos_terminal.flows.case.ask_at_most import ask_at_most
from pos_terminal.flows.case.case_facts import refund_of_case
from pos_terminal.flows.case.paper_lines import number_text
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.slips_on_the_way import slips_of_case, tell_with_slips
from pos_terminal.ports import Case, NewPaper
from pos_terminal.texts import render
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line, Page


def can_recover(desk: Desk, case: Case) -> bool:
    """While less is asked back than went out."""
    return _left(desk, case) > 0


async def recover(desk: Desk, case: Case) -> None:
    """How much, one commit. Never a negative refund: no money moves here.

    Failure ``recovery.too_much``, ``cases.closed``.
    """
    refund, left = refund_of_case(desk, case), _left(desk, case)
    currency, given = desk.shop.currency, 0
    if refund is not None:
        currency, given = refund.currency, refund.done
    title = say("recovery.title")
    lines = (
        Line(say("recovery.how_much")),
        *([Line(say("flows.done"), with_symbol(given, currency))] if given else []),
        *([heading(say("cases.over"), with_symbol(case.over, currency))] if case.over else []),
        Line(say("recovery.most"), with_symbol(left, currency)),
    )
    page = Page("recovery.amount", title, lines)
    amount = await ask_at_most(desk, page, left, currency, say("recovery.more"))
    shown = with_symbol(amount, currency)
    new = NewPaper(
        case_id=case.case_id,
        kind=PaperKind.RECOVERY,
        amount=amount,
        currency=currency,
        operator=desk.clerk.number,
        text=f"{render(title, desk.ui.language)} {shown}",
    )
    number = await desk.ledger.case_papers.add(
        new, desk.papers().recovery(new, case.sale_key, given)
    )
    said = say("recovery.printed", number=number_text(number), amount=shown)
    slips = await slips_of_case(desk, case.case_id, title)
    await tell_with_slips(desk, "recovery.done", title, said, slips=slips)


def _left(desk: Desk, case: Case) -> int:
    """Minor units that the customer has, and that no slip asks for yet."""
    return desk.ledger.case_papers.to_ask_back(case)

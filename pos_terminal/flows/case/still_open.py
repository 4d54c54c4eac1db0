"""What is not done yet about a case: said to whoever closes it, for nobody is reminded of it any
more (R77)."""

from __future__ import annotations

from collections.abc import Iterator

from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.money import with_symbol
from pos_terminal.core.payout import PayoutState
from pos_terminal.core.words import say
from pos_terminal.flows.case.paper_lines import unrecovered
from pos_terminal.flows.case.reading import Reading
from pos_terminal.ports import Case
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


def still_open(desk: Reading, case: Case) -> tuple[Line, ...]:
    """Each with how much; nothing where all is done."""
    currency = desk.shop.currency
    return tuple(
        heading(say(f"cases.still_{what}"), with_symbol(amount, currency))
        for what, amount in _open(desk, case)
        if amount
    )


def _open(desk: Reading, case: Case) -> Iterator[tuple[str, int]]:
    """Minor units."""
    payouts = desk.ledger.payouts.of_case(case.case_id)
    lying = (one.amount for one in payouts if one.state is PayoutState.TO_HAND_OVER)
    yield "owed", sum(lying)
    papers = desk.ledger.case_papers.of_case(case.case_id)
    yield "unpaid", sum(unrecovered(desk, one) for one in papers if one.kind is PaperKind.RECOVERY)
    refund = desk.ledger.refunds.by_id(case.refund_id) if case.refund_id else None
    if refund is not None and case.kind is CaseKind.RETURNED:
        back = desk.ledger.sales.came_back(refund.sale_key, refund.leg)
        yield "waits", sum(one.left for one in back if one.refund_id == refund.refund_id)

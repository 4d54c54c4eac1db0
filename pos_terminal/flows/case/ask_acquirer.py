"""A form to the acquirer about a refund that it has, or may have: it is to correct where the money
went, or to say where it is (R46, R47).

It holds and frees nothing here: what comes of it the acquirer's file tells.
"""

from __future__ import annotations

from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.money import with_symbol
from pos_terminal.core.remedy import is_accepted, may_be_known
from pos_terminal.core.words import say
from pos_terminal.flows.case.case_facts import refund_of_case
from pos_terminal.flows.case.paper_again import paper_of, print_again
from pos_terminal.flows.case.paper_lines import number_text
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.slips_on_the_way import slips_of_case, tell_with_slips
from pos_terminal.ports import Case, NewPaper
from pos_terminal.texts import render
from pos_terminal.ui.ask import confirm
from pos_terminal.ui.page import Line, Page


def can_ask(desk: Desk, case: Case, kind: PaperKind) -> bool:
    """Only what was accepted can be corrected; where it is can be asked of more."""
    refund = refund_of_case(desk, case)
    correction = kind is PaperKind.CORRECTION
    return is_accepted(refund) if correction else may_be_known(refund)


async def ask_acquirer(desk: Desk, case: Case, kind: PaperKind) -> None:
    """Shown, then one commit; one that is there already is printed again. Failure
    ``cases.closed``."""
    refund = refund_of_case(desk, case)
    if refund is None:
        raise RuntimeError("a form about no refund")
    amount, currency = refund.done or refund.amount, refund.currency
    title = say(f"remedy.do_{kind.value}")
    known = paper_of(desk, case, kind)
    lines = (
        Line(say("flows.trace"), refund.stan or ""),
        *([Line(say("cases.rrn"), refund.rrn)] if refund.rrn else []),
        *([Line(say("unknown.card"), refund.masked)] if refund.masked else []),
        Line(say("flows.done" if refund.done else "flows.amount"), with_symbol(amount, currency)),
        Line(say("remedy.paper_again" if known else f"remedy.means_{kind.value}")),
    )
    await confirm(desk.ui, Page("case.form", title, lines, hint=say("remedy.paper_hint")))
    if known is not None:
        said = await print_again(desk, case, known, title)
    else:
        new = NewPaper(
            case_id=case.case_id,
            kind=kind,
            amount=amount,
            currency=currency,
            operator=desk.clerk.number,
            text=render(title, desk.ui.language),
        )
        number = await desk.ledger.case_papers.add(new, desk.papers().to_acquirer(new, refund))
        said = say("remedy.paper_printed", number=number_text(number))
    slips = await slips_of_case(desk, case.case_id, title)
    await tell_with_slips(desk, "case.form_done", title, said, slips=slips)

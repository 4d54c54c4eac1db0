"""A paper that a case has already is printed again and gets no second number (R41, R46)."""

from __future__ import annotations

from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.case_step import NewStep, StepKind
from pos_terminal.core.words import Words, say
from pos_terminal.flows.case.paper_lines import number_text
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import Case, CasePaper
from pos_terminal.texts import render


def paper_of(desk: Desk, case: Case, kind: PaperKind) -> CasePaper | None:
    """The newest of this kind."""
    papers = desk.ledger.case_papers.of_case(case.case_id)
    return next((one for one in reversed(papers) if one.kind is kind), None)


async def print_again(desk: Desk, case: Case, paper: CasePaper, title: Words) -> Words:
    """All its copies, with the step that says so; what is to be told. Failure ``cases.closed``."""
    code = desk.shop.remedy_code(paper.number)
    jobs = [
        job.job_id
        for job in desk.ledger.slips.of_case(case.case_id)
        if job.slip.head.barcode == code and job.duplicate == 0
    ]
    text = f"{render(title, desk.ui.language)} {number_text(paper.number)}"
    step = NewStep(StepKind.SLIP, desk.clerk.number, text)
    await desk.ledger.case_papers.print_again(case.case_id, jobs, step)
    return say("remedy.paper_twice", number=number_text(paper.number))

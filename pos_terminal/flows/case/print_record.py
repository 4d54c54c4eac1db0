"""A case's record on paper, however far it is (R45)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.case.case_facts import facts_of_case
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import Case
from pos_terminal.ui.ask import tell


async def print_record(desk: Desk, case: Case) -> None:
    """What its screen says, each step, and its closing: as it is now."""
    cases, clerk = desk.ledger.cases, desk.clerk.number
    facts = [(line.words, line.value) for line in facts_of_case(desk, case)]
    steps, end = cases.steps(case.case_id), cases.end(case.case_id)
    slip = desk.papers().case_record(case, clerk, facts, steps, end)
    await cases.print(case.case_id, [slip], clerk)
    desk.printing.wake()
    title, said = say("cases.title"), say("cases.record_printing")
    await tell(desk.ui, "case.printing", title, said, alert=False)

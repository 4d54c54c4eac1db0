"""A case's record on paper, however far it is (R45)."""

from __future__ import annotations

from pos_terminal.core.words import say
from pos_terminal.flows.case.case_facts import facts_of_case
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.slips_on_the_way import slips_of_case, tell_with_slips
from pos_terminal.ports import Case


async def print_record(desk: Desk, case: Case) -> None:
    """What its screen says, each step, and its closing: as it is now."""
    cases, clerk = desk.ledger.cases, desk.clerk.number
    facts = [(line.words, line.value) for line in facts_of_case(desk, case)]
    steps, end = cases.steps(case.case_id), cases.end(case.case_id)
    slip = desk.papers().case_record(case, clerk, facts, steps, end)
    await cases.print(case.case_id, [slip], clerk)
    title, said = say("cases.title"), say("cases.record_printing")
    slips = await slips_of_case(desk, case.case_id, title)
    await tell_with_slips(desk, "case.printing", title, said, slips=slips)

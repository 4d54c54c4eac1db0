"""Slips that something happened to: only the clerk can see whether they came out (R42)."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.paper.name_slip import slip_name
from pos_terminal.ports import JobState, PrintJob
from pos_terminal.ui.ask import decide, heading
from pos_terminal.ui.page import Line, Page


async def answer_open_slips(desk: Desk) -> None:
    """Ask for each, with what happened; the answer has it printed whole again and marked, or let
    go. Neither is preselected."""
    for job in desk.ledger.slips.in_state(JobState.UNKNOWN):
        await _ask(desk, job)


async def _ask(desk: Desk, job: PrintJob) -> None:
    head = job.slip.head
    amount = with_symbol(head.amount, head.currency) if head.amount else ""
    lines = (
        heading(say(f"flows.upset_{job.upset}" if job.upset else "flows.upset")),
        Line(slip_name(job, desk.ui.language), amount),
        Line(say("flows.trace"), head.stan or f"#{head.application}"),
        Line(say("flows.slip_unsure")),
    )
    options = (Line(say("flows.print_again")), Line(say("flows.came_out")))
    page = Page("print.unsure", say("flows.slip"), lines, hint=say("flows.slip_unsure_hint"))
    answer = await decide(desk.ui, page, options)
    if answer == 0:
        await desk.printing.print_again(job.job_id, desk.clerk.number)
    else:
        await desk.printing.drop(job.job_id, desk.clerk.number)

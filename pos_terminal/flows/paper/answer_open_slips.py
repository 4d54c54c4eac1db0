"""Slips that something happened to: only the clerk can see whether they came out (R42)."""

from __future__ import annotations

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import VoucherFailure, say
from pos_terminal.flows.common.credit_wanted import CreditWanted
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.paper.name_slip import slip_name
from pos_terminal.ports import JobState, PrintJob
from pos_terminal.ui.ask import decide, heading
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled


async def answer_open_slips(desk: Desk) -> None:
    """Ask for each, with what happened; the answer has it printed whole again and marked, or let
    go. Neither is preselected."""
    while jobs := desk.ledger.slips.in_state(JobState.UNKNOWN):
        await _ask(desk, jobs[0])


async def _ask(desk: Desk, job: PrintJob) -> None:
    head = job.slip.head
    amount = with_symbol(head.amount, head.currency) if head.amount else ""
    lines = (
        heading(say(f"flows.upset_{job.upset}" if job.upset else "flows.upset")),
        Line(slip_name(job, desk.ui.language), amount),
        _about(job),
        Line(say("flows.slip_unsure")),
    )
    money = job.slip.body.is_money(job.slip.head.copy)
    credit = _exchange_credit(desk, job) if money else None
    again = say("flows.print_anew" if money else "flows.print_again")
    again = again if credit is None else say("exchange.not_whole")
    options = (Line(again), Line(say("flows.came_out")))
    page = Page("print.unsure", say("flows.slip"), lines, hint=say("flows.slip_unsure_hint"))
    answer = await decide(desk.ui, page, options)
    if answer == 0 and credit is not None:
        await desk.printing.drop(job.job_id, desk.clerk.number)
        raise CreditWanted(credit)
    if answer == 0 and money:
        await _print_anew(desk, job)
    elif answer == 0:
        await desk.printing.print_again(job.job_id, desk.clerk.number)
    else:
        await desk.printing.drop(job.job_id, desk.clerk.number)


def _about(job: PrintJob) -> Line:
    """By which the clerk knows it."""
    head = job.slip.head
    if head.stan:
        return Line(say("flows.trace"), head.stan)
    if head.case and not head.application:
        return Line(say("remedy.of_case"), str(head.case))
    return Line(say("flows.turned_away", number=head.application))


def _exchange_credit(desk: Desk, job: PrintJob) -> ExchangeCredit | None:
    """What is torn could be used all the same: its rest goes back instead."""
    from pos_terminal.flows.paper.replace_voucher import exchange_credit_on  # rare

    return exchange_credit_on(desk, job)


async def _print_anew(desk: Desk, job: PrintJob) -> None:
    """A voucher: of two papers under one number the first, torn or not, could be used. Where no
    supervisor comes it is let go, and printed from the menu once one is there."""
    from pos_terminal.flows.paper.replace_voucher import replace_voucher, voucher_on  # rare

    try:
        await replace_voucher(desk, voucher_on(job) or "")
    except LogOut:
        raise
    except (Cancelled, VoucherFailure):
        await desk.printing.drop(job.job_id, desk.clerk.number)
        raise

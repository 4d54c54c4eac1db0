"""Any earlier slip again, marked 重打印 DUPLICATE n, counted and audited (R41).

A voucher is money: it is printed under a new number, with a supervisor. An exchange credit never
is: its rest goes back instead (R37).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.credit_wanted import CreditWanted
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.slips_of_code import slips_of_code
from pos_terminal.flows.paper.name_slip import slip_name
from pos_terminal.ports import InputEvent, Key, PrintJob, Scanned
from pos_terminal.ui.ask import Entry, choose_or, decide, digits, tell, tell_empty
from pos_terminal.ui.page import Line, Page

MOST_LISTED = 50
MOST_DIGITS = 9


async def reprint(desk: Desk) -> None:
    """One of all slips, newest first, or one of a scanned receipt or a typed application."""
    job = await _choose_slip(desk)
    if job is None:
        nothing = say("flows.nothing_to_reprint")
        await tell_empty(desk.ui, "reprint.none", say("flows.reprint"), nothing)
        return
    from pos_terminal.flows.paper.replace_voucher import (  # rare
        exchange_credit_on,
        replace_voucher,
        voucher_on,
    )

    if (credit := exchange_credit_on(desk, job)) is not None:
        raise CreditWanted(credit)
    if number := voucher_on(job):
        await replace_voucher(desk, number)
        return
    copy = await desk.printing.reprint(job.job_id, desk.clerk.number)
    await tell(
        desk.ui, "reprint.done", say("flows.reprint"), say("flows.duplicate", n=copy.duplicate)
    )


async def _choose_slip(desk: Desk) -> PrintJob | None:
    """None where there is none to choose. Failure ``flows.no_slips_of``."""
    page = Page("reprint.refund", say("flows.reprint"), hint=say("flows.reprint_hint"))

    def other(event: InputEvent) -> list[PrintJob] | Key | None:
        if isinstance(event, Scanned):
            return slips_of_code(desk, event.text)
        return menu_key(event)

    oldest: int | None = None
    while True:
        slips = desk.ledger.slips.before(oldest, MOST_LISTED)
        if not slips:
            return None
        oldest = slips[-1].job_id
        options = _options(desk, slips)
        if desk.ledger.slips.before(oldest, 1):
            options.append(Line(say("flows.older_slips")))
        picked: int | list[PrintJob] | Key = await choose_or(
            desk.ui, page, options, other, first=None, fresh=True
        )
        if isinstance(picked, list):
            return await _one_of(desk, picked)
        if isinstance(picked, Key):
            return await _one_of(desk, await _of_application(desk))
        if picked < len(slips):
            return slips[picked]


async def _of_application(desk: Desk) -> Sequence[PrintJob]:
    """Of the number that every slip of a refund or refusal bears."""
    page = Page("reprint.application", say("flows.reprint"), (Line(say("flows.ask_application")),))
    number = int(await digits(desk.ui, page, Entry(1, MOST_DIGITS)))
    slips = desk.ledger.slips.of_application(number)
    if not slips:
        raise Failure("flows.no_slips_of", number=number)
    return slips


async def _one_of(desk: Desk, slips: Sequence[PrintJob]) -> PrintJob:
    page = Page("reprint.slip", say("flows.reprint"))
    return slips[await decide(desk.ui, page, _options(desk, slips))]


def _options(desk: Desk, slips: Sequence[PrintJob]) -> list[Line]:
    return [_option(desk, job) for job in slips]


def _option(desk: Desk, job: PrintJob) -> Line:
    """Two rows: what it is, then when, of what and how much."""
    head = job.slip.head
    moment = datetime.fromisoformat(head.at)
    number = head.stan or f"#{head.application}"
    amount = f" {with_symbol(head.amount, head.currency)}" if head.amount else ""
    name = slip_name(job, desk.ui.language)
    return Line(f"{name}\n  {moment:%m-%d %H:%M} {number}{amount}")

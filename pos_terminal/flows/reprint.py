"""Any earlier slip again, marked 重打印 DUPLICATE n, counted and audited (R41)."""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.desk import Desk
from pos_terminal.ui.ask import choose, tell
from pos_terminal.ui.page import Line, Page

MOST_LISTED = 50


async def reprint(desk: Desk) -> None:
    """Choose a refund, then one of its slips."""
    refunds = desk.ledger.recent_refunds(MOST_LISTED)
    if not refunds:
        raise Failure("flows.nothing_to_reprint")
    options = [
        Line(
            f"{refund.sealed_at:%m-%d %H:%M} {refund.stan or ''}",
            with_symbol(refund.amount, refund.currency),
        )
        for refund in refunds
    ]
    page = Page("reprint.refund", say("flows.reprint"))
    refund = refunds[await choose(desk.ui, page, options)]
    jobs = [job for job in desk.ledger.jobs_of(refund.refund_id) if job.duplicate == 0]
    if not jobs:
        raise Failure("flows.nothing_to_reprint")
    choices = [Line(say(f"flows.slip_{job.slip.copy.value}"), job.slip.kind.value) for job in jobs]
    job = jobs[await choose(desk.ui, Page("reprint.slip", say("flows.reprint")), choices)]
    copy = await desk.printing.reprint(job.job_id, desk.clerk.number)
    await tell(
        desk.ui, "reprint.done", say("flows.reprint"), say("flows.duplicate", n=copy.duplicate)
    )

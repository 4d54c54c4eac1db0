"""The acquirer's file at the end of a day, and the cases that it opened, closed by people."""

from __future__ import annotations

from typing import Final

from hw_sim.acquirer.outcome_file import outcome_file
from hw_sim.proofs.simulation.site import Site
from hw_sim.proofs.simulation.telephone import REFERENCE
from pos_terminal.core.case import CaseKind, supervisors_to_close
from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Case, Closing

_SOMEBODY: Final = "999"
"""Who types it in."""
_OTHERS: Final = ("901", "902")
"""Supervisors of another shift: whoever is here may have made the refund."""


async def take_the_file(site: Site) -> None:
    """All that the acquirer posted or refused, as its book has it. AssertionError where refused."""
    text = outcome_file(site.acquirer.book.entries(), None, as_csv=False)
    answer = await site.terminal.verbs["import-outcomes"]({"text": text, "source": "day.jsonl"})
    report = answer["report"]
    assert report["imported"], report["problems"]


async def close_cases(site: Site, only: CaseKind | None = None) -> int:
    """Every case, or every one of a kind, that can be closed; how many."""
    closed = 0
    for case in site.ledger.cases.open_ones():
        if only not in (None, case.kind):
            continue
        try:
            await site.ledger.cases.close(case.case_id, _closing(site, case))
            closed += 1
        except Failure as failure:
            # its outcome, or that of another refund of its leg, is not known yet
            if failure.code not in ("cases.outcome_open", "cases.leg_open"):
                raise
    return closed


def _closing(site: Site, case: Case) -> Closing:
    now = site.time.now()
    approvals = [Approval(one, "", now, case.over, Closing.RULE) for one in _OTHERS]
    needed = supervisors_to_close(case.kind, case.over)
    return Closing(REFERENCE, _SOMEBODY, tuple(approvals[:needed]), cause=CaseCause.TRAINING)

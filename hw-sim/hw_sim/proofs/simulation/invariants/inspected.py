"""How goods came back: what the shop refuses it refused, and whoever gave less answers for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from hw_sim.proofs.simulation.invariants.balances import named
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.refund import HOLDING, SPENT, Refund, State

_DEFECT: Final = "1"
"""The code of that reason, in a shop with the reasons that are there without any."""
_DAMAGED: Final = "4"
"""The same of the condition that refuses."""


def inspected(site: Site, refunds: Sequence[Refund]) -> Iterator[str]:
    """R16, R74: of each refund that gave something back, or may have."""
    for refund in refunds:
        if refund.state not in HOLDING | SPENT | {State.RETURNED}:
            continue
        about = f"refund {refund.refund_id}"
        worth = off = 0
        for item in named(site, refund):
            looked = item.looked
            if looked is None:
                continue
            where = f"{about}, line {item.line}:"
            worth, off = worth + item.worth, off + looked.deduction
            if looked.deduction and looked.reason == _DEFECT:
                yield f"{where} {looked.deduction} was deducted for a defect"
            if looked.condition == _DAMAGED and not looked.deduction:
                yield f"{where} damaged by the buyer, and taken back for all of it"
            if not 0 <= looked.deduction <= item.worth:
                yield f"{where} {looked.deduction} of {item.worth} was deducted"
        if off and not site.ledger.applications.approvals(refund.application):
            yield f"{about}: {off} was deducted, and nobody approved it"

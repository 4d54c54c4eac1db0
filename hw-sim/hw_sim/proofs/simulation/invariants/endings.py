"""Every intent ends, once; what only people can end is theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.cause import LEFT_TO_PEOPLE
from pos_terminal.core.refund import OPEN, Kind, Refund, State


def left_to_people(site: Site, refund: Refund) -> bool:
    """Whether only people or the acquirer's file can end it."""
    if refund.state not in OPEN:
        return False
    never = refund.kind is Kind.REFUND and site.setting.repeat == "never"
    return refund.state is not State.SEALED and (never or refund.cause in LEFT_TO_PEOPLE)


def ended(site: Site, refunds: list[Refund]) -> Iterator[str]:
    """Every intent ends; what is left to people has its case, its hold and its certificate."""
    cases = {
        row["refund_id"]
        for row in site.ledger.db.execute("SELECT refund_id FROM cases WHERE state = 'open'")
    }
    for refund in refunds:
        if refund.state not in OPEN:
            continue
        if not left_to_people(site, refund):
            yield f"refund {refund.refund_id} ({refund.kind}) never ends: {refund.state}"
        elif refund.refund_id not in cases:
            yield f"refund {refund.refund_id} is left to people without a case"


def one_open(refunds: Iterable[Refund]) -> Iterator[str]:
    """R32: a refund without an outcome blocks its sale. Holds at every moment."""
    found = Counter(refund.sale_key for refund in refunds if refund.state in OPEN)
    for sale_key, number in found.items():
        if number > 1:
            yield f"sale {sale_key} has {number} open refunds"

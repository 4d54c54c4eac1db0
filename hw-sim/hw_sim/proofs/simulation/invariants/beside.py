"""What the acquirer paid beside what it said: it stands in cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from hw_sim.proofs.simulation.invariants.balances import counted_elsewhere
from hw_sim.proofs.simulation.invariants.both_sides import paid_by_key
from hw_sim.proofs.simulation.invariants.endings import left_to_people
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.case import CaseKind, CaseState
from pos_terminal.core.refund import Refund

_BESIDE: Final = """SELECT case_id, kind, refund_id,
    iif(coalesce(one_payment, 0), 0, over) AS over, coalesce(counted, 0) AS counted, state,
    facts ->> 'batch' AS batch, facts ->> 'stan' AS stan FROM cases
    LEFT JOIN closings USING (case_id) WHERE over > 0"""
_OURS: Final = frozenset({CaseKind.OVERPAYMENT, CaseKind.ELSEWHERE, CaseKind.TYPED_DIFFERS})
"""What is in them was given back here."""


def paid_beside(site: Site) -> Iterator[str]:
    """What the acquirer says is what it does: no case of what it paid beside a refund."""
    for row in site.ledger.db.execute(_BESIDE):
        if row["kind"] not in _OURS:
            yield f"case {row['case_id']}: {row['over']} beside what an honest acquirer paid"


def in_cases(site: Site, refunds: list[Refund]) -> Iterator[str]:
    """All that the acquirer paid is given back here, or stands in a case: request by request."""
    paid = paid_by_key(site.acquirer.ledger())
    cases = site.ledger.db.execute(_BESIDE).fetchall()
    beside: Counter[int | None] = Counter()
    for case in cases:
        if case["kind"] not in _OURS:
            beside[case["refund_id"]] += case["over"]
    for refund in refunds:
        theirs = sum(paid.pop((refund.batch or "", refund.stan or ""), []))
        ours = refund.done + beside[refund.refund_id] if refund.stan else 0
        if theirs != ours and not left_to_people(site, refund):
            yield f"refund {refund.refund_id}: {ours} here with its cases, {theirs} paid"
    unknown = {(case["batch"], case["stan"]): case["over"] for case in cases if case["batch"]}
    if unknown != {key: sum(amounts) for key, amounts in paid.items()}:
        yield f"paid and unknown here: {dict(paid)}, in cases {unknown}"
    yield from _in_sales(site, refunds, cases)


def _in_sales(site: Site, refunds: list[Refund], cases: list[Any]) -> Iterator[str]:
    """What was counted in is no more than the cases of a leg, less only where it had no more."""
    legs = {one.refund_id: (one.sale_key, one.leg) for one in refunds}
    over: Counter[tuple[int, int]] = Counter()
    counted: Counter[tuple[int, int]] = Counter()
    for case in cases:
        if case["refund_id"] is not None and case["state"] != CaseState.OPEN:
            over[legs[case["refund_id"]]] += case["over"]
            counted[legs[case["refund_id"]]] += case["counted"]
    for (sale_key, leg), most in over.items():
        sale = site.ledger.sales.by_key(sale_key)
        assert sale is not None  # its refund is there
        taken = counted[sale_key, leg] + counted_elsewhere(site, sale_key, leg)
        rest = sale.tender(leg).remaining
        if taken > most or (taken < most and rest):
            yield f"{sale.sale_id}, leg {leg}: {taken} of {most} in cases, {rest} are left"

"""Cases: each is closed by people or leads somebody to it, and nothing is asked back that never
went (R45, R46)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final

from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.case import BY_PEOPLE, CaseState
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.refund import OPEN

_LAST: Final = date(9999, 12, 31)
_STEPS: Final = """SELECT case_id, count(*) AS steps, max(n) AS last, max(at) AS at
    FROM case_steps GROUP BY case_id"""
_ASKED_BACK: Final = """SELECT k.sale_key, sum(p.amount) AS asked,
    (SELECT sum(o.over) FROM cases o WHERE o.sale_key = k.sale_key) AS over
    FROM case_papers p JOIN cases k USING (case_id) WHERE p.kind = ? GROUP BY k.sale_key"""


def cases(site: Site) -> Iterator[str]:
    """What is open comes due one day, but for what ends with its refund."""
    ledger, waiting = site.ledger, 0
    open_about: Counter[tuple[int, int, str]] = Counter()
    closed_by_people = {row[0] for row in ledger.db.execute("SELECT case_id FROM closings")}
    steps = {row["case_id"]: row for row in ledger.db.execute(_STEPS)}
    for row in ledger.db.execute("SELECT * FROM cases ORDER BY case_id").fetchall():
        number, told = row["case_id"], steps.get(row["case_id"])
        by_people = row["kind"] in BY_PEOPLE
        if told is not None and told["steps"] != told["last"]:
            yield f"case {number} has {told['steps']} steps, the last is {told['last']}"
        if row["state"] == CaseState.OPEN:
            refund = ledger.refunds.by_id(row["refund_id"] or 0)
            waiting += refund is None or refund.state not in OPEN
            open_about[row["sale_key"], row["refund_id"], row["kind"]] += by_people
        elif by_people and number not in closed_by_people:
            yield f"case {number} ({row['kind']}) was closed by nobody"
        elif told is not None and told["at"] > row["closed_at"]:
            yield f"a step was noted of case {number} when it was closed"
    for about, n in open_about.items():
        if n > 1:
            yield f"{n} cases of one kind are open at once: {about}"
    if (due := ledger.cases.due(_LAST)) != waiting:
        yield f"{due} cases come due one day, {waiting} are open for people"
    yield from _asked_back(site)


def _asked_back(site: Site) -> Iterator[str]:
    """Of what came back later more may have been asked for before."""
    for row in site.ledger.db.execute(_ASKED_BACK, (PaperKind.RECOVERY,)).fetchall():
        refunds = site.ledger.refunds.of_sale(row["sale_key"])
        went = sum(one.done + site.came_back.get(one.refund_id, 0) for one in refunds)
        if row["asked"] > went + row["over"]:
            yield f"sale {row['sale_key']}: {row['asked']} asked back of {went}"

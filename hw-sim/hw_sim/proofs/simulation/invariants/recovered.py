"""Recovery slips: the ledger has each sale that pays one under its code, and opens a case of each
that pays none of its slips (R46)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hw_sim.bench import identity
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.case import CaseKind
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.receipt_code import remedy_code

_SLIPS: Final = "SELECT number FROM case_papers WHERE kind = ?"
_CASES: Final = "SELECT count(*) FROM cases WHERE sale_key = ? AND kind = ?"
"""Also those that people have closed."""


def recovered(site: Site) -> Iterator[str]:
    """By what the till told, where there is one."""
    ledger, book = site.ledger, site.credits
    paying = [one for one in (() if book is None else book.told) if one.recovery]
    own = identity.MERCHANT_ID, identity.TERMINAL_ID
    slips = ledger.db.execute(_SLIPS, (PaperKind.RECOVERY,)).fetchall()
    printed = {remedy_code(*own, row["number"]) for row in slips}
    for code in sorted({one.recovery for one in paying}):
        told = sorted(one.sample.sale_id for one in paying if one.recovery == code)
        known = sorted(one.sale_id for one in ledger.sales.by_recovery(code))
        if known != told:
            yield f"recovery slip {code} is paid by {told}, and the ledger has {known}"
    for one in paying:
        sale = site.sale(one.sample.sale_id)
        about = (sale.key, CaseKind.RECOVERY_UNKNOWN)
        cases = ledger.db.execute(_CASES, about).fetchone()[0]
        if (not cases) != (one.recovery in printed):
            yield f"sale {one.sample.sale_id} pays {one.recovery}: it has {cases} cases"

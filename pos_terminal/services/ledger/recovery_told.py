"""What tills say that a recovery slip was paid by, held against the slips that there are (R46)."""

from __future__ import annotations

from collections.abc import Iterable

from pos_terminal.core.receipt_code import decode, remedy_head
from pos_terminal.core.sale import Sale
from pos_terminal.services.ledger.books import case_papers, cases
from pos_terminal.services.ledger.step import Step


def look(step: Step, told: Iterable[Sale]) -> None:
    """A sale that names a slip of this terminal that it did not print is a case of that sale: some
    slip was paid, perhaps, and stays unpaid here."""
    paying = [one for one in told if one.recovery_no]
    if not paying:
        return
    ours = remedy_head(step.home.merchant_id, step.home.terminal_id)
    for one in paying:
        code = decode(one.recovery_no)
        if code is None or not one.recovery_no.startswith(ours):
            continue
        if not case_papers.is_recovery(step.db, code.serial):
            cases.recovery_unknown(step, one.key, one.recovery_no)

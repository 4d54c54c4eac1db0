"""What a refusal shows to be wrong with a sale is a case: people must look at it (R37)."""

from __future__ import annotations

import logging
from typing import Final

from pos_terminal.core.case import CaseKind
from pos_terminal.core.rules.voucher_paid import Against
from pos_terminal.core.words import Failure, Words
from pos_terminal.flows.common.desk import Desk

log = logging.getLogger(__name__)

_CASES: Final = {f"rules.{Against.NOT_REDEEMED}": CaseKind.VOUCHER_NOT_REDEEMED}
"""By what was said against it."""


async def keep_doubt(desk: Desk, sale_key: int | None, against: Words | None) -> None:
    """Once for each sale. A ledger that can't take it refuses all the same."""
    kind = None if against is None else _CASES.get(against.code)
    if kind is None or sale_key is None:
        return
    try:
        await desk.ledger.cases.open_of_sale(sale_key, kind, desk.clerk.number, lambda _: ())
    except Failure as failure:
        log.warning("the case of sale %d was not kept: %s", sale_key, failure)

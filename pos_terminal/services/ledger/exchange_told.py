"""What tills say that an exchange credit has paid, held against what they took of it (R37)."""

from __future__ import annotations

from collections.abc import Iterable

from pos_terminal.core.case import ToldExchange
from pos_terminal.core.sale import Sale
from pos_terminal.core.voucher import mask
from pos_terminal.services.ledger.books import cases, exchange_credits
from pos_terminal.services.ledger.step import Step


def look(step: Step, told: Iterable[Sale]) -> None:
    """A sale that says more was paid by one of ours than the till took of it is a case: goods went
    out for what can still be taken, or goes back to its tender."""
    for sale in told:
        for number in sorted({one.exchange_no for one in sale.tenders if one.exchange_no}):
            credit = exchange_credits.find(step.db, number)
            if credit is None:
                continue
            paid = exchange_credits.told_to_have_paid(step.db, number)
            if paid > credit.taken:
                facts = ToldExchange(mask(number), credit.ticket, paid, credit.taken)
                cases.exchange_told(step, sale.key, facts)

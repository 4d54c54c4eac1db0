"""What an exchange credit paid and can't be opened again, and why (R37)."""

from __future__ import annotations

from pos_terminal.core.sale import Sale, TenderKind
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk


def credit_stays(desk: Desk, sale: Sale) -> tuple[int, Words | None]:
    """Of all that such credits paid of the sale, minor units; why, of the first of them that this
    terminal knows."""
    legs = [one for one in sale.tenders if one.kind is TenderKind.EXCHANGE]
    stay = [one for one in legs if one.most < one.remaining]
    found = (desk.ledger.exchange_credits.by_number(one.exchange_no) for one in stay)
    credit = next((one for one in found if one is not None), None)
    why = None
    if credit is not None:
        why = say("exchange.not_taken" if credit.stands else "exchange.first_stopped")
    return sum(one.remaining - one.most for one in stay), why

"""What a till took of an exchange credit for a sale that it voided since (R37)."""

from __future__ import annotations

from msgspec import Struct

from pos_terminal.core.case import CaseKind, ToldExchange
from pos_terminal.core.sale import Sale, SaleState, Tender, TenderKind
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ports import Case


class TakenForVoid(Struct, frozen=True):
    ticket: int
    """Of the credit."""
    sale: Sale
    """That was voided."""
    tender: Tender
    amount: int
    """Minor units that nobody has: no goods, no other sale, and not back yet."""


def taken_for_void(desk: Desk, case: Case) -> TakenForVoid | None:
    """By the first payment of the case's sale that has any of it; None where none has, or the sale
    still stands."""
    facts, sale = case.facts, desk.ledger.sales.by_key(case.sale_key)
    told = facts if isinstance(facts, ToldExchange) else None
    if case.kind is not CaseKind.EXCHANGE_NOT_TOLD or sale is None or told is None:
        return None
    if sale.state is not SaleState.VOIDED or sale.locked:
        return None
    for tender in sale.tenders:
        if tender.kind is TenderKind.EXCHANGE and tender.exchange_no:
            credit = desk.ledger.exchange_credits.by_number(tender.exchange_no)
            if credit is not None and credit.ticket == told.ticket:
                missing = desk.ledger.exchange_credits.untold(credit.number)
                if amount := min(tender.most, missing):
                    return TakenForVoid(credit.ticket, sale, tender, amount)
    return None

"""Which leg of the sale is meant, wherever more than one could be (R34)."""

from __future__ import annotations

from pos_terminal.core.money import format_amount
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.words import Words, say
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


def leg_name(tender: Tender) -> Words | str:
    """The masked card, or how the tender is called on the screen."""
    if tender.card is not None and tender.card.masked:
        return tender.card.masked
    return say(f"flows.tender_{tender.kind.value}")


def leg_line(tender: Tender, currency: str) -> Line:
    """The leg with what was paid by it."""
    return Line(leg_name(tender), format_amount(tender.amount, currency))


def which_leg(sale: Sale, tender: Tender) -> tuple[Line, ...]:
    """Nothing where the sale has but one."""
    return (heading(leg_name(tender)),) if len(sale.tenders) > 1 else ()

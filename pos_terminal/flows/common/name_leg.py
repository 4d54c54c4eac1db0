"""Which leg of the sale is meant, wherever more than one could be (R34)."""

from __future__ import annotations

from pos_terminal.core.money import format_amount
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.words import Words, say
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


def leg_name(sale: Sale, tender: Tender) -> Words | str:
    """The masked card, or how the tender is called on the screen.

    Of a card that paid twice the trace of the payment tells which.
    """
    masked = tender.card.masked if tender.card is not None else None
    if not masked:
        return kind_of(tender)
    twice = [one for one in sale.tenders if one.card is not None and one.card.masked == masked]
    trace = tender.payment.trace if tender.payment is not None and len(twice) > 1 else ""
    return f"{masked[-8:]} {trace}" if trace else masked


def kind_of(tender: Tender) -> Words:
    """How it is called where no card is named."""
    return say(f"flows.tender_{tender.kind.value}")


def leg_line(sale: Sale, tender: Tender) -> Line:
    """The leg with what was paid by it."""
    return Line(leg_name(sale, tender), format_amount(tender.amount, sale.currency))


def which_leg(sale: Sale, tender: Tender) -> tuple[Line, ...]:
    """Nothing where the sale has but one."""
    return (heading(leg_name(sale, tender)),) if len(sale.tenders) > 1 else ()

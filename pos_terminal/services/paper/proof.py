"""What a proof of purchase says: all of it from the sale (R73)."""

from __future__ import annotations

from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.sale import Sale, SaleLine, SaleState, Tender
from pos_terminal.core.words import say
from pos_terminal.services.paper.facts import MOST_ITEMS, both
from pos_terminal.wire.receipt.kinds.proof import Paid, Proof, Sold


def proof_of(sale: Sale) -> Proof:
    """What was bought, how it was paid, and what of it went back; its number comes with the
    commit."""
    return Proof(
        receipt=sale.receipt_no,
        at=sale.sold_at.isoformat(timespec="seconds"),
        terminal=sale.terminal_id,
        goods=tuple(map(_sold, sale.lines[:MOST_ITEMS])),
        more=max(0, len(sale.lines) - MOST_ITEMS),
        paid=tuple(_paid(sale, leg) for leg in sale.tenders),
        returned=sale.done,
        held=sale.held,
        voided=sale.state is SaleState.VOIDED,
    )


def _sold(line: SaleLine) -> Sold:
    returned = format_quantity(line.returned) if line.returned else ""
    return Sold(line.name, format_quantity(line.quantity), line.charged, returned)


def _paid(sale: Sale, leg: Tender) -> Paid:
    """With the sale's own numbers where its only leg has none of its own."""
    numbers = leg.payment or (sale if len(sale.tenders) == 1 else None)
    return Paid(
        both(say(f"flows.tender_{leg.kind.value}")),
        leg.amount,
        masked_card="" if leg.card is None else leg.card.masked or "",
        scheme="" if leg.card is None else leg.card.scheme,
        trace="" if numbers is None else numbers.trace,
        rrn="" if numbers is None else numbers.rrn,
        auth_code="" if numbers is None else numbers.auth_code,
        returned=leg.done,
    )


def receipt_barcode(sale: Sale) -> str:
    """The till's number, by which the sale is found again, where it is short digits."""
    number = sale.receipt_no
    return number if number.isascii() and number.isdigit() else ""

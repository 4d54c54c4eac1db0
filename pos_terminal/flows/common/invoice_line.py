"""What a supervisor sees of a sale's invoice that is out (R69)."""

from __future__ import annotations

from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.words import say
from pos_terminal.ui.page import Line


def invoice_line(invoice: InvoiceBack | None) -> tuple[Line, ...]:
    """Nothing where nobody was asked."""
    if invoice is None:
        return ()
    if invoice.number:
        return (Line(say("invoice.red_letter_no"), invoice.number),)
    return (Line(say(f"invoice.{invoice.answer.value}")),)

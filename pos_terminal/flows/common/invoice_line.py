"""What a supervisor sees of a sale's invoice that is out (R69)."""

from __future__ import annotations

from collections.abc import Iterable

from pos_terminal.core.decision import Verdict
from pos_terminal.core.invoice import Answered, InvoiceBack
from pos_terminal.core.rules.invoice import Against
from pos_terminal.core.words import say
from pos_terminal.ui.page import Line


def invoice_line(
    invoice: InvoiceBack | None, told: Iterable[Verdict | None] = ()
) -> tuple[Line, ...]:
    """Nothing where nobody was asked, or the rules have ``told`` above it that it stays out."""
    if invoice is None:
        return ()
    out = any(one is not None and one.against == Against.INVOICE_OUT for one in told)
    if out and invoice.answer is Answered.NEITHER:
        return ()
    if invoice.number:
        return (Line(say("invoice.red_letter_no"), invoice.number),)
    return (Line(say(f"invoice.{invoice.answer.value}")),)

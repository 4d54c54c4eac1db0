"""A sale that pays a recovery slip of ours: what comes back of it was given back too much before
(R46)."""

from __future__ import annotations

from pos_terminal.core import receipt_code
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.ui.ask import heading
from pos_terminal.ui.page import Line


def pays_slip(desk: Desk, sale: Sale) -> tuple[Line, ...]:
    """The number of the slip; nothing of a sale that pays none of this terminal's."""
    code = receipt_code.decode(sale.recovery_no) if sale.recovery_no else None
    if code is None or desk.shop.remedy_code(code.serial) != sale.recovery_no:
        return ()
    return (heading(say("recovery.pays"), f"#{code.serial}"),)

"""Before money moves: a proven clock, trading allowed, a printer (R43, R70)."""

from __future__ import annotations

from contextlib import suppress

from pos_terminal.core.words import Failure
from pos_terminal.flows.common.confirm_clock import confirm_clock
from pos_terminal.flows.common.connect import connect
from pos_terminal.flows.common.desk import Desk

PRINTER_SECONDS = 2.0
"""How long a printer that was just plugged in, or a terminal that just started, is waited for."""


async def get_ready(desk: Desk) -> bool:
    """What comes right by itself within moments is waited for; Failure says what does not.

    True where there was something: what was read of the ledger before may have changed.
    """
    waited = False
    doubt = desk.clock.doubt
    if doubt is not None:
        waited = True
        with suppress(Failure):  # the doubt itself is what is said then
            await connect(desk)
        await confirm_clock(desk)
    if not desk.printing.connected and not desk.shop.without_printer:
        waited = True
        await desk.printing.wait_connected(PRINTER_SECONDS)
    desk.must_trade(desk.clock.doubt if waited else doubt)
    return waited

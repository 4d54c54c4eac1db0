"""STANs for a sale application on the same machine that shares our terminal number (R10)."""

from __future__ import annotations

from typing import Any

from pos_terminal.control.server import Verb
from pos_terminal.ports import Ledger


def stan_verbs(ledger: Ledger) -> dict[str, Verb]:
    """``draw-stan``: a durable STAN that this terminal will not use in its batch."""

    async def draw_stan(_: dict[str, Any]) -> dict[str, Any]:
        stan, batch = await ledger.counter.draw_for_till()
        return {"stan": stan, "batch": batch}

    return {"draw-stan": draw_stan}

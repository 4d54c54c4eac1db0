"""STANs for a sale application on the same machine that shares our terminal number (R10)."""

from __future__ import annotations

import asyncio
from typing import Any

from pos_terminal.control.pace import A_MINUTE, Pace
from pos_terminal.control.server import WHO, Verb
from pos_terminal.core.words import Failure
from pos_terminal.ports import Ledger


def stan_verbs(ledger: Ledger) -> dict[str, Verb]:
    """``draw-stan``: a durable STAN that this terminal will not use in its batch.

    A batch has 999,999 of them, and each is an entry of the log: a caller gets so many a minute.
    Failure ``control.too_often``.
    """
    pace = Pace()

    async def draw_stan(request: dict[str, Any]) -> dict[str, Any]:
        if not pace.take(request.get(WHO, 0), asyncio.get_running_loop().time()):
            raise Failure("control.too_often", most=A_MINUTE)
        stan, batch = await ledger.counter.draw_for_till()
        return {"stan": stan, "batch": batch}

    return {"draw-stan": draw_stan}

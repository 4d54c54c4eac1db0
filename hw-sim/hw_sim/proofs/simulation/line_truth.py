"""What the terminal says of its line, held against what the wire did (issue 8, 7).

The wire is watched between terminal and acquirer (``wire.py``); what is said comes from
``state``, as a tool would ask it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from hw_sim.proofs.simulation.process import SimTerminal
from hw_sim.proofs.simulation.site import Site
from hw_sim.proofs.simulation.wire import Wire

SALE: Final = frozenset(
    {"sale", "refund.amount", "refund.reason", "line.down", "readers.out", "card.present"}
)
"""Screens of a sale at which nobody waits for the acquirer."""
FRESH: Final = 22.0
"""Seconds: every 15 a probe, 5 until it is given up, and two looks."""
_LOOK: Final = 1.0


class LineTruth:
    """Asks while a sale is on the screen."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.asked = 0
        """How often."""

    async def work(self) -> None:
        """Until cancelled."""
        site, since = self._site, None
        while True:
            await asyncio.sleep(_LOOK)
            if site.terminal.dead or site.terminal.screen.prompt not in SALE:
                since = None
                continue
            now = site.loop.time()
            since = now if since is None else since
            if now - since > FRESH or int(now) % 5 == 0:
                await self._ask(now - since)

    async def _ask(self, shown: float) -> None:
        site, terminal = self._site, self._site.terminal
        if "state" not in terminal.verbs or terminal.ledger is None:
            return
        wrong = await terminal.ask(lambda: self._wrong(terminal, shown))
        if wrong:
            site.objections.append(f"{site.loop.time():.0f} s: {wrong}")

    async def _wrong(self, terminal: SimTerminal, shown: float) -> str:
        """What is wrong with what is said; empty where nothing is. What is said is held against
        the wire in the same turn of the loop: an answer may arrive in the next."""
        host: Mapping[str, Any] = (await terminal.verbs["state"]({}))["host"]
        if terminal.screen.prompt not in SALE:
            return ""
        self.asked += 1
        wrong = terminal.wire.objection(host["line"])
        if wrong is None and shown > FRESH:
            wrong = _stale(host, terminal.wire, self._site.loop.time())
        return wrong or ""


def _stale(host: Mapping[str, Any], wire: Wire, now: float) -> str | None:
    """A sale was on the screen for so long: the line was tried, and the terminal says when."""
    if now - wire.at > FRESH:
        return f"a sale is on the screen, and the line was not tried for {now - wire.at:.0f} s"
    if host["probed_at"] is None or host["since"] > host["probed_at"]:
        return "the line was tried, and nobody says when"
    datetime.fromisoformat(host["probed_at"])
    return None

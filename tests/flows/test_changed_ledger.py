"""A ledger that somebody changed while the terminal ran: no more trade, and the screen says why."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import logged_in

from pos_terminal.services.proof.auditing import DAY


@logged_in()
async def test_what_the_audit_finds_stops_the_terminal(clerk: SimClerk) -> None:
    with closing(sqlite3.connect(clerk.site.terminal.config.ledger)) as db, db:
        db.execute("UPDATE sales SET amount = amount + 1")
    await clerk.wait("stopped", seconds=DAY + 3600)
    assert "Ledger was changed: no refunds" in clerk.text
    clerk.press("enter", "menu", "1")
    clerk.scan(clerk.site.shop.sales[0].receipt_no)
    await asyncio.sleep(3600)
    assert clerk.prompt == "stopped"

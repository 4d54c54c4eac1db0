"""A ledger that somebody changed while the terminal ran: no more trade, and the screen says why."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any
from unittest.mock import patch

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.mutants import TRUST
from worlds.counter import logged_in
from worlds.failures import failure_in

from pos_terminal.app import Terminal
from pos_terminal.control.classes import VERBS, Class
from pos_terminal.services.proof.auditing import DAY

ASKED: dict[str, Any] = {
    "prompt": "stopped",
    "number": "8210703141579",
    "amount": 1,
    "request": "till/1",
    "lines": [],
    "text": "",
}
SCREENS = {"screen", "screens", "wait"}


async def changed(clerk: SimClerk) -> None:
    """Somebody changes a sale, and the audit of that night finds it."""
    with closing(sqlite3.connect(clerk.site.terminal.config.ledger)) as db, db:
        db.execute("UPDATE sales SET amount = amount + 1")
    await clerk.wait("stopped", seconds=DAY + 3600)


def entries(clerk: SimClerk) -> int:
    with closing(sqlite3.connect(clerk.site.terminal.config.ledger)) as db:
        found: int = db.execute("SELECT max(seq) FROM audit").fetchone()[0]
        return found


@logged_in()
async def test_what_the_audit_finds_stops_the_terminal(clerk: SimClerk) -> None:
    await changed(clerk)
    assert "Ledger was changed: no refunds" in clerk.text
    clerk.press("enter", "menu", "1")
    clerk.scan(clerk.site.shop.sales[0].receipt_no)
    await asyncio.sleep(3600)
    assert clerk.prompt == "stopped"


@logged_in()
async def test_then_every_verb_but_the_screens_says_why_and_writes_nothing(clerk: SimClerk) -> None:
    verbs = clerk.site.terminal.verbs
    assert set(verbs) == VERBS[Class.BENCH], "all of them are open while it trades"
    await changed(clerk)
    before = entries(clerk)
    for name in VERBS[Class.BENCH] - SCREENS:
        assert await failure_in(verbs[name](ASKED)) == "ledger.tampered", name
    for name in SCREENS:
        assert await verbs[name](ASKED)
    assert entries(clerk) == before


@logged_in()
async def test_they_close_before_a_refund_in_flight_has_ended(clerk: SimClerk) -> None:
    """Its end may take as long as the customer waits: nobody redeems meanwhile."""
    seen: list[str] = []

    async def in_flight() -> None:
        seen.append(str(await failure_in(terminal.verbs["redeem"](ASKED))))

    terminal = clerk.site.terminal
    with patch.object(Terminal, "finish", lambda _: in_flight()):
        await changed(clerk)
    assert seen == ["ledger.tampered"]


@logged_in()
async def test_the_mutant_that_leaves_them_open_is_noticed(clerk: SimClerk) -> None:
    """As in the story above, what must not be is there."""
    with TRUST["verbs stay open"]():
        await changed(clerk)
    before = entries(clerk)
    assert (await clerk.site.terminal.verbs["draw-stan"](ASKED))["stan"]
    assert entries(clerk) > before

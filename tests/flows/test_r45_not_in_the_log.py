"""What people typed and scanned for a case stands in the ledger, never in the program's own log."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.control import serve
from worlds.counter import sell, tell

from pos_terminal.control.classes import Class
from pos_terminal.control.peer import Peer
from pos_terminal.control.server import Caller
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.process.logs import logging_off_the_loop
from pos_terminal.texts import Language

TYPED = {
    "digits of a step": "70010020031",
    "a scan": "SCANNED-70010020032",
    "evidence": "70010020033",
    "scanned evidence": "PHOTO-70010020034",
    "free text": "words of 70010020035",
    "its evidence": "LETTER-70010020036",
    "closing": "70010020037",
    "a telephone": "13970010038",
}
SECRET = "4761739001010010"
"""A card's number, which is refused as the text of a step."""


async def steps(clerk: SimClerk) -> None:
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 1_000)
    await clerk.at("result: menu", "case.kind: 3", "case.opened: enter")
    await clerk.at("case.facts: 1", "case.step: 1", f"case.text: {SECRET} enter")
    await clerk.wait_text("card")
    await clerk.at(f": {TYPED['digits of a step']} enter", "evidence.kind: 1")
    await clerk.at(f"evidence.reference: {TYPED['evidence']} enter", "evidence.kind: 5")
    await clerk.wait("evidence.reference")
    clerk.scan(TYPED["scanned evidence"])
    await clerk.wait_text(TYPED["scanned evidence"])
    await clerk.at(": enter", "evidence.kind: menu", "case.next: 5 enter", "case.noted: enter")
    await clerk.at("case.facts: 1", "case.step: 2", "case.text")
    clerk.scan(TYPED["a scan"])
    await clerk.wait_text(TYPED["a scan"])
    await clerk.at(": enter", "evidence.kind: menu", "case.next: enter", "case.noted: enter")


async def by_a_technician(clerk: SimClerk) -> None:
    """As the control socket answers lines: one is taken, one refused, one is no step at all."""
    server = serve(Path("-"), {"case-step": clerk.site.terminal.verbs["case-step"]})
    who = Peer(1_000, frozenset())
    caller = Caller(who, frozenset({Class.TECHNICIAN}), frozenset({"case-step"}))
    evidence = [f"bank_letter:{TYPED['its evidence']}"]
    taken = {"case": 1, "kind": "letter", "text": TYPED["free text"], "evidence": evidence}
    for told, ok in (
        (taken, True),
        (taken | {"text": SECRET}, False),
        (taken | {"kind": ""}, False),
    ):
        line = json.dumps({"verb": "case-step", **told}).encode()
        assert json.loads(await server.answer(line, caller))["ok"] is ok


async def closed(clerk: SimClerk) -> None:
    await clerk.at("case.facts: enter", f"case.reference: {TYPED['closing']} enter")
    await clerk.at("case.close: 1", "case.loss: enter")
    await clerk.approve()
    await clerk.at("case.confirm_closing: enter", "case.closed: enter", "home")


async def debited(clerk: SimClerk) -> None:
    """A sale that failed; whoever reports it leaves a telephone."""
    await sell(clerk, "FAILED1", {"kind": "cash", "amount": 500}, state="unconfirmed")
    clerk.scan("FAILED1")
    await clerk.at("sale.unconfirmed: menu", f"enquiry.phone: {TYPED['a telephone']} enter")
    await clerk.at("case.opened: enter", "home")


async def whole(clerk: SimClerk) -> None:
    await clerk.log_in()
    await steps(clerk)
    await by_a_technician(clerk)
    await closed(clerk)
    await debited(clerk)
    await asyncio.sleep(60)  # virtual time: what is printed and swept up has its lines, too
    ledger = clerk.site.ledger
    kept = str(overview(ledger.db))
    ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    assert all(one in kept for name, one in TYPED.items() if name != "a telephone"), "it was typed"
    assert SECRET not in kept


def test_nothing_that_was_typed_is_in_it(tmp_path: Path) -> None:
    """With all that the program says of itself, as it writes it to its file."""
    file = tmp_path / "terminal.log"
    with logging_off_the_loop(logging.DEBUG, file):
        tell(whole, Setting(language=Language.EN))
    log = file.read_text(encoding="utf-8")
    assert "pos_terminal" in log, "it says something"
    assert [name for name, typed in TYPED.items() if typed in log] == []
    assert SECRET not in log

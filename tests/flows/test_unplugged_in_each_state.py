"""Each cable is pulled in each state of a refund, and put back: the screen says so, the device is
there again within two seconds, the ledger is as it was, and the customer has the money once.

Keypad and scanner are the real drivers on FIFOs; readers, printer and line are those of the
simulation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hw_sim.device import Place
from hw_sim.inputs.fifo_wiring import FifoWiring
from hw_sim.inputs.packets import Packet, press
from hw_sim.inputs.senders import scan
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from pos_drivers.input_keypad import make_keypad
from pos_drivers.scanner_evdev import make_key_scanner

from pos_terminal.ports import Interface
from pos_terminal.texts import Language
from pos_terminal.wiring import Devices

SALE, CARD, AMOUNT = "visa-older", "visa", 123
AWAY_SECONDS = 4.0
USABLE_SECONDS = 2.0
MARKS = {"keypad": "!keypad", "scanner": "!scanner", "reader": "!card slot", "printer": "!printer"}
"""In the title row."""


class Counter:
    """The counter with wired keypad and scanner, and its five cables."""

    def __init__(self, site: Site, wiring: FifoWiring) -> None:
        self.site = site
        self.wiring = wiring
        self.clerk = WiredClerk(self)
        honest = site.parts.devices

        def devices(moment: Any) -> Devices:
            found = honest(moment)
            keypad = make_keypad(wiring.path("keypad"), site.post)
            scanner = make_key_scanner(wiring.path("scanner"), site.post)
            return Devices(found.readers, found.printer, (*found.all, keypad, scanner))

        site.parts.devices = devices  # type: ignore[method-assign] # put in its place

    async def unplug(self, name: str) -> None:
        parts = self.site.parts
        match name:
            case "keypad" | "scanner":
                await self.wiring.unplug(name)
            case "reader":
                for interface in Interface:
                    parts.readers.unplug(interface)
            case "printer":
                parts.printer.unplug()
            case "acquirer":
                self.site.wires.plugged = False
                self.site.acquirer.drop_connections()

    async def plug(self, name: str) -> None:
        parts = self.site.parts
        match name:
            case "keypad" | "scanner":
                await self.wiring.plug(name)
            case "reader":
                for interface in Interface:
                    parts.readers.plug(interface)
            case "printer":
                parts.printer.plug()
            case "acquirer":
                self.site.wires.plugged = True

    def books(self) -> list[tuple[Any, ...]]:
        """What is promised and given back, by the terminal's ledger."""
        db = self.site.ledger.db
        sql = "SELECT refund_id, state, amount, done, stan FROM refunds"
        tenders = "SELECT sale_key, leg, held, done FROM tenders"
        return [tuple(row) for text in (sql, tenders) for row in db.execute(text)]


class WiredClerk(SimClerk):
    """Keys and codes go through the drivers."""

    def __init__(self, counter: Counter) -> None:
        super().__init__(counter.site)
        self._counter = counter
        self._hands: set[asyncio.Task[None]] = set()

    def press(self, *keys: str) -> None:
        named = [one for key in keys for one in ([key] if key.isalpha() else key)]
        self._do("keypad", [packet for key in named for packet in press(key)])

    def scan(self, text: str) -> None:
        self._do("scanner", scan(text))

    def _do(self, name: str, packets: list[Packet]) -> None:
        task = asyncio.ensure_future(self._counter.wiring.type(name, packets))
        self._hands.add(task)
        task.add_done_callback(self._hands.discard)


# --- the states --------------------------------------------------------------------------------

Step = Callable[[Counter], Awaitable[None]]


async def _slow_line(counter: Counter) -> None:
    honest = counter.site.wires.connect

    async def connect(host: str = "", port: int = 0) -> Any:
        await asyncio.sleep(3.0)
        return await honest(host, port)

    counter.site.acquirer.drop_connections()
    counter.site.wires.connect = connect  # type: ignore[method-assign] # put in its place


async def _slow_card(counter: Counter) -> None:
    counter.site.parts.readers.answer_seconds = 0.3


async def _slow_acquirer(counter: Counter) -> None:
    counter.site.acquirer.set_mode("delay:3", 1)


async def _slow_printer(counter: Counter) -> None:
    counter.site.parts.printer.rate = 50.0  # bytes a second


async def _as_ever(counter: Counter) -> None:
    return


STATES: dict[str, tuple[Step, bool]] = {
    "home": (_as_ever, True),
    "sale": (_as_ever, True),
    "refund.amount": (_as_ever, True),
    "refund.reason": (_as_ever, True),
    "supervisor.number": (_as_ever, True),
    "supervisor.pin": (_as_ever, True),
    "card.present": (_as_ever, True),
    "card.reading": (_slow_card, False),
    "host.connect": (_slow_line, False),
    "host.wait": (_slow_acquirer, False),
    "card.remove": (_as_ever, True),
    "print.wait": (_slow_printer, False),
    "result": (_as_ever, True),
}
"""How each is held, and whether it waits for a person."""
GOES_ON = {("card.remove", "reader"): "result"}
"""A reader that went away has no card in it."""
CABLES = ("keypad", "scanner", "reader", "printer", "acquirer")


async def go_to(counter: Counter, state: str) -> None:
    """The refund, up to this prompt or to home again; from wherever it stands."""
    clerk = counter.clerk
    supervisor = counter.site.shop.staff[2]
    hands: dict[str, Callable[[], object]] = {
        "login.number": lambda: clerk.press(clerk.me.number, "enter"),
        "login.pin": lambda: clerk.press(clerk.me.pin, "enter"),
        "home": lambda: clerk.scan(counter.site.shop.sale(SALE).receipt_no),
        "sale": lambda: clerk.press("enter"),
        "refund.amount": lambda: clerk.press(str(AMOUNT), "enter"),
        "refund.reason": lambda: clerk.press("1"),
        "supervisor.number": lambda: clerk.press(supervisor.number, "enter"),
        "supervisor.pin": lambda: clerk.press(supervisor.pin, "enter"),
        "card.present": lambda: [act() for act in (clerk.take_away, partial(clerk.insert, CARD))],
        "card.remove": clerk.take_away,
        "print.unsure": lambda: clerk.press("1"),
        "failure": lambda: clerk.press("enter"),
        "result": lambda: clerk.press("enter"),
    }
    screen = counter.site.terminal.screen
    for _ in range(60):
        await clerk.wait_for_life()
        prompt = clerk.prompt
        if prompt == state:
            return
        changed = asyncio.ensure_future(screen.changed())
        act = hands.get(prompt)
        if act is not None:
            act()
        async with asyncio.timeout(300):
            while screen.prompt == prompt:
                await changed
                changed = asyncio.ensure_future(screen.changed())
        changed.cancel()
    raise AssertionError(f"{state} was not reached: {screen.text}")


async def pulled_and_put_back(counter: Counter, state: str, cable: str) -> None:
    hold, waits = STATES[state]
    site, clerk = counter.site, counter.clerk
    await go_to(counter, "home")
    await hold(counter)
    await go_to(counter, state)
    before = counter.books()
    after = GOES_ON.get((state, cable), state)
    await counter.unplug(cable)
    await asyncio.sleep(AWAY_SECONDS)
    if cable in MARKS:
        assert MARKS[cable] in site.terminal.screen.text
    if waits:
        assert (clerk.prompt, counter.books()) == (after, before)
    await counter.plug(cable)
    await asyncio.sleep(USABLE_SECONDS)
    assert not [mark for mark in MARKS.values() if mark in site.terminal.screen.text]
    if waits:
        assert (clerk.prompt, counter.books()) == (after, before)


@pytest.mark.parametrize("cable", CABLES)
@pytest.mark.parametrize("state", STATES)
def test_pulled_and_put_back(tmp_path: Path, state: str, cable: str) -> None:
    async def story(site: Site) -> None:
        wiring = FifoWiring()
        await wiring.start(Place(tmp_path, tmp_path))
        for name in ("keypad", "scanner"):
            await wiring.plug(name)
        counter = Counter(site, wiring)
        site.start()
        await pulled_and_put_back(counter, state, cable)
        if not site.ledger.refunds.recent(9):
            # begun again where nothing was sealed; every device is used for it
            await go_to(counter, "result")
        await come_to_rest(site, counter.clerk)
        assert violations(site) == []
        assert [str(one.state) for one in site.ledger.refunds.recent(9)] == ["accepted"]
        paid = [row["paid"] for row in site.acquirer.ledger() if row["kind"] == "refund"]
        assert paid == [AMOUNT]

    run_site(story, Setting(language=Language.EN))

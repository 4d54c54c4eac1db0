"""The clerk sees what is broken (issue 8, 8; R82): one page by one key, who and when at home, and
what the readers allow while a card is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pos_drivers
import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting, Site
from worlds.counter import in_each_language, logged_in, state_of

from pos_terminal.core import cells
from pos_terminal.core.people import Role
from pos_terminal.core.words import say
from pos_terminal.ports import DeviceState, Interface
from pos_terminal.ports.condition import NOTHING_MORE
from pos_terminal.texts import Language, catalogue, next_step

HOT_LINE = "400-800-1234"
EN = Setting(language=Language.EN, support=HOT_LINE)
TITLE = {Language.ZH_CN: "设备状态", Language.EN: "Devices"}
WELL = {Language.ZH_CN: "全部正常", Language.EN: "All is well"}


def squeezed(clerk: SimClerk) -> str:
    return re.sub(r"\s", "", clerk.text)


@pytest.mark.parametrize("language", Language)
@in_each_language(support=HOT_LINE)
async def test_one_key_from_home_and_back(clerk: SimClerk, language: Language) -> None:
    await clerk.log_in()
    await clerk.at("home: .", "devices")
    assert TITLE[language] in clerk.text
    await clerk.wait_text(WELL[language])
    assert HOT_LINE in clerk.text
    await clerk.at("devices: enter", "home: .", "devices: cancel", "home: .", "devices: .", "home")


def printer_out(site: Site) -> None:
    site.parts.printer.unplug()


def paper_out(site: Site) -> None:
    site.parts.printer.printer.change(paper_out=True)


def scanner_gone(site: Site) -> None:
    site.post(DeviceState("scanner", False, say("input.missing", path="/dev/x")))


def reader_gone(site: Site) -> None:
    site.parts.readers.unplug(Interface.TAP)


def line_cut(site: Site) -> None:
    site.wires.plugged = False
    site.acquirer.drop_connections()


FAULTS: list[tuple[Callable[[Site], None], str, tuple[str, ...]]] = [
    (printer_out, "printer", ("Printer", "No printer: check cable and power")),
    (paper_out, "printer", ("Printer", "Paper out: load a new roll")),
    (scanner_gone, "scanner", ("Scanner", "Not connected: check the cable")),
    (reader_gone, "reader.tap", ("Tap reader", "Card reader missing. Check its cable")),
    (
        line_cut,
        "line",
        ("Line to acquirer", "No line to the acquirer", "Check the network, try again"),
    ),
]


@pytest.mark.parametrize(("fault", "name", "rows"), FAULTS)
@logged_in(EN)
async def test_each_broken_part_stands_first_with_cause_and_next_step(
    clerk: SimClerk, fault: Callable[[Site], None], name: str, rows: tuple[str, ...]
) -> None:
    """And `state` says the same, in the same order: one source."""
    await clerk.site.until(lambda: "!offline" not in clerk.text, 30, "line")
    await clerk.at("home: .", "devices")
    await clerk.wait_text("All is well")
    fault(clerk.site)
    await clerk.wait_text(rows[1], 25)
    assert tuple(clerk.text.splitlines()[1 : 1 + len(rows)]) == rows
    assert "All is well" not in clerk.text
    assert HOT_LINE in clerk.text
    told = (await state_of(clerk))["conditions"]
    assert (told[0]["name"], told[0]["up"]) == (name, False)
    assert [told[0]["text"], *filter(None, [told[0]["next"]])] == list(rows[1:])
    assert told[0]["tech"]
    assert all(one["up"] for one in told[1:])


@logged_in(EN)
async def test_what_is_well_takes_one_row_behind_what_is_worth_knowing(clerk: SimClerk) -> None:
    """A driver's words for a technician are none for the clerk; paper that ends soon is."""
    clerk.site.post(
        DeviceState("keypad", True, say("input.found", path="/dev/x", name="x", id="y"))
    )
    clerk.site.post(DeviceState("scanner", True, say("input.port_found", path="/dev/y", baud=9600)))
    clerk.site.parts.printer.printer.change(near_end=True)
    await clerk.at("home: .", "devices")
    await clerk.wait_text("Paper is nearly out", 25)
    rows = [" ".join(row.split()) for row in clerk.text.splitlines()]
    assert rows[1:3] == ["Printer", "Paper is nearly out"]
    assert {"Keypad OK", "Scanner OK", "Clock OK"} <= set(rows[3:])
    assert "All is well" not in clerk.text
    told = {one["name"]: one for one in (await state_of(clerk))["conditions"]}
    assert "/dev/x" in told["keypad"]["tech"]


def test_nothing_but_what_says_ok_is_nothing_more() -> None:
    said = {code: entry["zh"] for code, entry in catalogue().items() if code in NOTHING_MORE}
    assert set(said) == NOTHING_MORE
    assert {text.removeprefix("打印机") for text in said.values()} == {"正常"}
    well = {code for code, entry in catalogue().items() if entry["zh"] == "正常"}
    assert well - NOTHING_MORE == {"devices.well"}


@logged_in(EN)
async def test_what_the_printer_lacks_stands_at_the_sale_as_long_as_it_lacks_it(
    clerk: SimClerk,
) -> None:
    printer = clerk.site.parts.printer.printer
    await clerk.find(clerk.site.shop.sale("visa-older"))

    async def comes_and_goes(said: str, **change: bool) -> None:
        assert said not in clerk.text
        printer.change(**change)
        await clerk.wait_text(said, 60)
        assert clerk.prompt == "sale"
        printer.change(paper_out=False, near_end=False)
        await clerk.site.until(lambda: said not in clerk.text, 60, "the line to go")

    await comes_and_goes("Paper out", paper_out=True)
    await comes_and_goes("nearly out", near_end=True)


@logged_in(EN)
async def test_two_faults_and_what_is_well_behind_them(clerk: SimClerk) -> None:
    printer_out(clerk.site)
    reader_gone(clerk.site)
    await clerk.at("home: .", "devices")
    rows = clerk.text.splitlines()
    assert [rows[1], rows[3]] == ["Printer", "Tap reader"]
    assert "Card slot" in "".join(rows[5:])
    await clerk.site.until(lambda: "Clock" in clerk.text, 5, "rest")


@pytest.mark.parametrize("language", Language)
@in_each_language(support=HOT_LINE)
async def test_on_the_least_display_the_fault_and_the_number_are_in_sight(
    clerk: SimClerk, language: Language
) -> None:
    clerk.site.terminal.screen.columns, clerk.site.terminal.screen.rows = 20, 8
    await clerk.log_in()
    printer_out(clerk.site)
    await clerk.at("home: .", "devices")
    missing = re.sub(r"\s", "", catalogue()["printer.missing"][language.column])
    await clerk.site.until(lambda: missing in squeezed(clerk), 5, "cause")
    frame = clerk.site.terminal.screen.frame
    assert frame is not None
    assert len(frame.rows) == 8
    assert all(cells.width(row.text) <= 20 for row in frame.rows)
    name = catalogue()["devices.name_printer"][language.column]
    assert re.sub(r"\s", "", name) in squeezed(clerk)
    assert HOT_LINE in clerk.text
    first = clerk.text
    clerk.press("down")
    await clerk.site.until(lambda: clerk.text != first, 5, "scrolled page")
    assert HOT_LINE in clerk.text


@logged_in(EN)
async def test_a_technician_has_it_in_the_menu(clerk: SimClerk) -> None:
    await clerk.at("home: menu", "menu: 5 1")
    tech = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.at(f"login.number: {tech.number} enter", f"login.pin: {tech.pin} enter")
    await clerk.at("menu: 7 3", "devices: enter", "menu")


def down_codes() -> Iterator[str]:
    """All that a driver gives as its cause."""
    folder = Path(pos_drivers.__path__[0])
    source = "\n".join(file.read_text("utf-8") for file in folder.glob("*.py"))
    areas = "printer|card|input|display"
    yield from sorted(set(re.findall(rf'"((?:{areas})\.[a-z_]+)"', source)))
    yield from ("printer.missing", "printer.busy", "printer.denied", "printer.not_a_port")
    yield from ("printer.unreachable", "printer.lost")


FINE = (
    "display.ok",
    "input.found",
    "input.no_unknown_keyboard",
    "input.port_found",
    "printer.ready",
)
MOMENTS = ("printer.hot", "card.several", "card.mute", "card.reader_trouble")
"""Of a moment, with its own "wait" or "again" in the text."""


@pytest.mark.parametrize("code", sorted({*down_codes()} - {*FINE} - {*MOMENTS}))
def test_no_cause_is_without_a_next_step(code: str) -> None:
    """In the cause's own words (请, "check", "call"), or in a line of its own."""
    assert next_step(say(code)) is not None or "请" in catalogue()[code]["zh"]


# --- home ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(40, 15), (20, 8)])
@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_operator_time_and_batch_stand_at_home(
    clerk: SimClerk, language: Language, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk.site.terminal.screen.columns, clerk.site.terminal.screen.rows = size
    await clerk.log_in()
    batch = clerk.site.ledger.counter.batch()

    def told() -> str:
        return f"{clerk.me.number}{clerk.site.time.now():%H:%M}"

    assert told() in squeezed(clerk)
    assert batch in clerk.text
    first = told()
    clerk.site.parts.synchronised = True
    await clerk.site.until(lambda: told() in squeezed(clerk) and told() != first, 62, "minute")
    frames = clerk.site.terminal.screen.frame
    assert frames is not None


@logged_in()
async def test_a_time_in_doubt_is_not_shown(clerk: SimClerk) -> None:
    clerk.site.parts.wall.set(clerk.site.time.now() - timedelta(days=2))
    await clerk.wait_text("--:--", 65)


# --- the readers while a card is asked for -------------------------------------------------------


@logged_in()
async def test_both_readers_out_and_a_cable_that_comes_back(clerk: SimClerk) -> None:
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 123)
    assert "Insert or tap card" in clerk.text
    readers = clerk.site.parts.readers
    readers.unplug(Interface.TAP)
    await clerk.wait_text("The tap reader is out")
    assert "Insert the card" in clerk.text
    readers.unplug(Interface.CONTACT)
    await clerk.wait_text("No card reader works")
    assert "Check the cables" in clerk.text
    assert "Insert" not in clerk.text
    readers.plug(Interface.CONTACT)
    await clerk.wait_text("The tap reader is out")
    readers.plug(Interface.TAP)
    await clerk.wait_text("The card reader is back")
    assert "Insert or tap card" in clerk.text
    assert await clerk.show_card("visa") == "result"


@logged_in()
async def test_both_readers_out_is_said_before_a_supervisor_is_called(clerk: SimClerk) -> None:
    """As a dead line is: nobody types a PIN for nothing."""
    readers = clerk.site.parts.readers
    for one in (Interface.TAP, Interface.CONTACT):
        readers.unplug(one)
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "readers.out")
    assert "No card reader works" in clerk.text
    assert "Check the cables" in clerk.text
    readers.plug(Interface.TAP)
    await clerk.wait_text("The card slot is out")
    assert "No card reader works" not in clerk.text
    await clerk.go("enter", to="supervisor.number")
    assert "CANCEL: give up" in clerk.text
    await clerk.home()
    readers.unplug(Interface.TAP)
    await clerk.find(clerk.site.shop.sale("two-cards-today"))
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: enter", "refund.reason: 1")
    await clerk.at("ticket.plan: enter", "readers.out: cancel", "home")
    await clerk.find(clerk.site.shop.sale("cash-today"))
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "supervisor.number")


@logged_in()
async def test_a_card_slot_that_is_out_asks_for_a_tap(clerk: SimClerk) -> None:
    clerk.site.parts.readers.unplug(Interface.CONTACT)
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 123)
    assert "The card slot is out" in clerk.text
    assert "Tap the card" in clerk.text
    assert await clerk.show_card("visa") == "result"

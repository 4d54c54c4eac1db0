"""The menu: each way of keys, and that no entry leads nowhere."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import NEVER, a_refund, at_the_counter, logged_in, tell
from worlds.everything_waits import something_of_everything
from worlds.told_outcomes import ASKED, file_of, take_in

from pos_terminal.core.people import Role
from pos_terminal.core.refund import State
from pos_terminal.core.words import say
from pos_terminal.flows.menu import GROUPS, REPRINT, Entry, Group
from pos_terminal.ports import Style
from pos_terminal.texts import Language, known, render

OPTION: Final = re.compile(r"^[> ](\d) (.*?)(?: {2,}(\d+))?$")
WAY: Final = re.compile(r"(?:MENU|菜单) (\d) (\d)")
FOR_CLERKS: Final = {
    "11": "find.trace",
    "12": "find.rrn",
    "13": "find.by",
    "14": "typed.terminal",
    "15": "blind.card",
    "16": "status.ask",
    "21": "reprint.refund",
    "22": "supervisor.number",
    "23": "find.trace",
    "31": "pending",
    "32": "cash.choose",
    "33": "kept",
    "34": "outcomes.confirm",
    "35": "feed.refused",
    "36": "ticket.todo",
    "37": "manual.list",
    "38": "unconfirmed.list",
    "41": "case.list",
    "42": "cleared.choose",
    "43": "stock.slip",
    "44": "find.trace",
    "51": "login.number",
    "61": "pin.old",
    "81": "unlock.none",
}
"""Every way while everything waits; 38 only days later (``test_r50_chased.py``)."""
EMPTY: Final = {
    "21": "reprint.none",
    "22": "anyway.none",
    "31": "pending",
    "32": "cash.none",
    "33": "kept.none",
    "34": "outcomes.none",
    "35": "feed.refused",
    "36": "ticket.none",
    "37": "manual.none",
    "38": "unconfirmed.none",
    "41": "case.list",
}
"""Where the lists lead in which nothing is."""
FOR_TECHNICIANS: Final = {
    "31": "pending",
    "51": "login.number",
    "61": "pin.old",
    "71": "line.done",
    "72": "line.done",
    "73": "devices",
    "81": "unlock.none",
}


def options(clerk: SimClerk) -> dict[str, tuple[str, str]]:
    """Digit, text and number at the right of what the screen offers."""
    found = map(OPTION.match, clerk.text.splitlines())
    return {one[1]: (one[2], one[3] or "") for one in found if one}


async def every_way(clerk: SimClerk) -> dict[str, str]:
    """Where each of the ways leads that the screens offer, walked by their digits."""
    led = {}
    await clerk.go("menu", to="menu")
    for group in options(clerk):
        await clerk.at(f"menu: {group}")
        await clerk.wait(f"menu.{GROUPS[int(group)].name}")
        entries = options(clerk)
        await clerk.go("cancel", to="menu")
        for entry in entries:
            clerk.press(group, entry)
            await clerk.wait(*FOR_CLERKS.values(), *FOR_TECHNICIANS.values())
            led[group + entry] = clerk.prompt
            await back_to_the_menu(clerk)
    return led


async def back_to_the_menu(clerk: SimClerk) -> None:
    await clerk.home()
    await clerk.go("menu", to="menu")


@pytest.mark.parametrize("language", Language)
def test_every_way_of_a_clerk_while_everything_waits(language: Language, tmp_path: Path) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await something_of_everything(clerk, tmp_path)
        clerk.site.parts.printer.change(claims_offline=True)
        await asyncio.sleep(1)  # it is a moment until that is heard of
        await clerk.home()
        assert await ways_at_home(clerk) == {"31", "32", "33", "34", "35", "36", "37", "41"}
        assert await every_way(clerk) == {way: FOR_CLERKS[way] for way in FOR_CLERKS if way != "38"}

    tell(story, Setting(repeat="never", language=language, acquirer={"files": "confirm"}))


async def ways_at_home(clerk: SimClerk) -> set[str]:
    """The digits that the reminders name, on a screen that is too short for all of them."""
    ways: set[str] = set()
    for _ in range(20):
        ways |= {"".join(way) for way in WAY.findall(clerk.text.replace("\n", " "))}
        clerk.press("down")
        await asyncio.sleep(0.1)
    return ways


@logged_in()
async def test_what_leads_nowhere_is_not_there_and_the_rest_keeps_its_digits(
    clerk: SimClerk,
) -> None:
    always = ("11", "12", "13", "14", "15", "16", "23", "44", "51", "61", "81")
    assert await every_way(clerk) == {way: FOR_CLERKS[way] for way in always}
    beeps = clerk.site.terminal.screen.beeps
    clerk.press("3")  # nothing is to do
    await clerk.wait_text("Nothing waits there")
    assert clerk.prompt == "menu"
    assert clerk.site.terminal.screen.beeps == beeps


def test_a_list_with_nothing_in_it_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens one that somebody else has emptied meanwhile did nothing wrong."""
    monkeypatch.setattr(Entry, "is_there", lambda self, desk, _: desk.clerk.role in self.roles)
    lists = {
        f"{group}{digit}"
        for group, one in GROUPS.items()
        for digit, entry in one.entries.items()
        if Role.CLERK in entry.roles and (entry.waiting is not None or entry is REPRINT)
    }
    assert lists == set(EMPTY)

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        screen = clerk.site.terminal.screen
        beeps = screen.beeps
        for way, prompt in EMPTY.items():
            await clerk.go("menu", to="menu")
            clerk.press(*way)
            await clerk.wait(prompt, "failure")
            assert clerk.prompt == prompt
            assert screen.frame is not None
            assert screen.frame.rows[0].style is not Style.ALERT, clerk.text
            assert len(clerk.text.splitlines()) > 2, "it says that there is nothing"
            await clerk.go("enter", to="home")
        assert screen.beeps == beeps

    tell(story)


@pytest.mark.parametrize("language", Language)
def test_every_way_of_a_technician(language: Language) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await a_refund(clerk, "drop-answer")
        await clerk.at(": menu", "menu: 5 1")
        clerk.me = clerk.site.shop.person(Role.TECHNICIAN)
        await log_in_technician(clerk)
        found = {}
        for way, prompt in FOR_TECHNICIANS.items():
            await clerk.at(f"menu: {' '.join(way)}", prompt)
            found[way] = clerk.prompt
            if prompt == "login.number":
                await log_in_technician(clerk)
            else:
                await clerk.go("cancel", to="menu")
        assert found == FOR_TECHNICIANS
        assert set(options(clerk)) == {way[0] for way in FOR_TECHNICIANS}

    tell(story, Setting(repeat="never", language=language))


async def log_in_technician(clerk: SimClerk) -> None:
    me = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.at(f"login.number: {me.number} enter", f"login.pin: {me.pin} enter", "menu")


@logged_in(ASKED)
async def test_what_waits_is_counted_in_the_menu_as_at_home(clerk: SimClerk) -> None:
    await a_refund(clerk, "code:51")
    await a_refund(clerk, "drop-answer")
    await clerk.go("menu", to="menu")
    assert options(clerk)["3"] == ("To do", "2")
    await clerk.go("3", to="menu.to_do")
    assert options(clerk) == {"1": ("Unknown outcomes", "1"), "3": ("Waiting for funds", "1")}


@logged_in(ASKED)
async def test_a_file_that_was_put_off_is_opened_from_the_menu(clerk: SimClerk) -> None:
    unknown = await a_refund(clerk, "drop-answer")
    await take_in(clerk, file_of(clerk))
    await clerk.at("outcomes.confirm: cancel", "home")
    for _ in range(2):  # and put off again
        await clerk.at(": menu", "menu: 3 4", "outcomes.confirm")
        assert "Paid: 1" in clerk.text
        await clerk.go("cancel", to="home")
        assert "Acquirer's files to confirm: 1 (MENU 3 4)" in clerk.text.replace("\n", " ")
    await clerk.at(": menu", "menu: 3 4", "outcomes.confirm: enter")
    await clerk.approve()
    await clerk.wait("home")
    assert clerk.site.refund(unknown.refund_id).state is State.ACCEPTED
    assert "files to confirm" not in clerk.text


@logged_in(ASKED)
async def test_of_several_files_each_is_shown_once(clerk: SimClerk) -> None:
    await a_refund(clerk, "drop-answer")
    text = file_of(clerk)
    for source, reference in (("a.jsonl", "A-1"), ("b.jsonl", "B-1")):
        await take_in(clerk, json.dumps(json.loads(text) | {"reference": reference}), source)
    for _ in range(2):
        await clerk.at("outcomes.confirm: cancel")
    await clerk.home()
    await clerk.at(": menu", "menu: 3 4")
    await clerk.wait_text("a.jsonl")
    clerk.press("cancel")
    await clerk.wait_text("b.jsonl")
    await clerk.go("cancel", to="home")


@logged_in(ASKED)
async def test_a_file_that_is_gone_meanwhile_is_said_to_be_gone(clerk: SimClerk) -> None:
    await a_refund(clerk, "drop-answer")
    await take_in(clerk, file_of(clerk))
    await clerk.at("outcomes.confirm: cancel", "home")
    await clerk.at(": menu", "menu: 3", "menu.to_do")
    (clerk.site.terminal.config.outcomes / "1121.jsonl").unlink()
    clerk.press("4")
    await clerk.at("outcomes.none: enter", "home")
    assert "files to confirm" not in clerk.text


@logged_in(NEVER)
async def test_keys_typed_ahead_count_and_cancel_goes_back_one_step(clerk: SimClerk) -> None:
    clerk.press("menu", "1", "2")
    await clerk.wait("find.rrn")
    await clerk.home()
    await clerk.at(": menu", "menu: 1", "menu.find: cancel", "menu: cancel", "home")


@at_the_counter()
async def test_keys_pressed_while_a_technician_waits_choose_nothing(clerk: SimClerk) -> None:
    await log_in_technician(clerk)
    clerk.site.acquirer.set_mode("delay:5", on=["echo"])
    await clerk.at("menu: 7 2", "line.wait: enter enter 7 1", "line.done: enter", "menu")
    await asyncio.sleep(60)
    assert clerk.prompt == "menu"


def test_groups_and_entries_are_digits_with_texts() -> None:
    assert set(GROUPS) <= set(range(1, 10))
    for group in GROUPS.values():
        assert set(group.entries) <= set(range(1, 10))
        assert known(f"menu.{group.name}")
        assert all(known(one.text) for one in group.entries.values())
        reminding = [one for one in group.entries.values() if one.waiting]
        assert all(known(one.remind) for one in reminding), "a list is said at home"


def test_the_documentation_has_every_way() -> None:
    pages = Path(__file__).parents[2] / "docs" / "bench.md"
    rows = re.findall(r"^\| `(\d) (\d)` \| (.+) \| (.+) \|$", pages.read_text("utf-8"), re.M)
    ways = [
        (str(group), str(entry), *(_name(of_group, one, language) for language in Language))
        for group, of_group in GROUPS.items()
        for entry, one in of_group.entries.items()
    ]
    assert rows == ways
    assert {group + entry for group, entry, *_ in rows} == {*FOR_CLERKS, *FOR_TECHNICIANS}


def _name(group: Group, entry: Entry, language: Language) -> str:
    texts = (f"menu.{group.name}", entry.text)
    return ": ".join(render(say(text), language) for text in texts)

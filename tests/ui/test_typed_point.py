"""What is typed with and without a decimal point: what is on the screen is what is taken."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hw_sim.virtual import VirtualLoop, run_virtual
from hypothesis import given
from hypothesis import strategies as st
from worlds.stories import in_virtual_time

from pos_terminal.core.money import format_amount, minor_digits
from pos_terminal.core.words import say
from pos_terminal.ports import Frame, Key, KeyPressed
from pos_terminal.texts import Language
from pos_terminal.ui.ask import Entry, digits, money_entry, text
from pos_terminal.ui.page import Page
from pos_terminal.ui.prompt import Ui

MONEY = money_entry(0, "156")


class Glass:
    """The last frame, and how often it beeped."""

    columns, rows = 20, 8

    def __init__(self) -> None:
        self.beeps = 0
        self.entry = ""

    def show(self, frame: Frame) -> None:
        self.entry = "".join(row.text for row in frame.rows if row.text.startswith("> "))[2:-1]

    def beep(self) -> None:
        self.beeps += 1


def typed(keys: list[str], entry: Entry) -> tuple[str | None, str, int]:
    """What was taken once enter was pressed, what stood there before it, and the beeps."""
    glass = Glass()
    seen = ""
    answer: str | None = None

    async def main(_: VirtualLoop) -> None:
        nonlocal seen, answer
        ui = Ui(glass, Language.EN)
        asked = asyncio.ensure_future(digits(ui, Page("a", say("flows.home")), entry))
        await asyncio.sleep(0)
        for key in keys:
            ui.post(KeyPressed(Key(key)))
        seen = glass.entry
        ui.post(KeyPressed(Key.ENTER))
        for _times in range(3):
            await asyncio.sleep(0)
        if asked.done():
            answer = asked.result()
        asked.cancel()

    run_virtual(main)
    return answer, seen, glass.beeps


@pytest.mark.parametrize(
    ("keys", "taken", "shown", "beeps"),
    [
        ("1250", "1250", "12.50", 0),
        ("12.5", "1250", "12.50", 0),
        (".5", "50", "0.50", 0),
        ("12.", "1200", "12.00", 0),
        ("12.345", "1234", "12.34", 1),
        ("1.2.3", "123", "1.23", 1),
        ("00.05", "5", "0.05", 0),
        ("1234567890.", "1234567890", "12345678.90", 1),
        ("12345678.99", "1234567899", "12345678.99", 0),
        ("123456789.9", "1234567899", "12345678.99", 1),
        ("", "", "", 0),
    ],
)
def test_a_point_parts_whole_and_cents(keys: str, taken: str, shown: str, beeps: int) -> None:
    assert typed(list(keys), MONEY) == (taken, shown, beeps)


def test_both_zeros_of_one_key_fit_or_none_of_them() -> None:
    assert typed(["5", ".", "00"], MONEY) == ("500", "5.00", 0)
    assert typed(["5", ".", "1", "00"], MONEY) == ("510", "5.10", 1)


def test_clear_takes_back_the_point_as_well() -> None:
    assert typed(["1", "2", ".", "5", "clear"], MONEY) == ("1200", "12.00", 0)
    assert typed(["1", "2", ".", "5", "clear", "clear"], MONEY) == ("12", "0.12", 0)
    assert typed([".", "clear"], MONEY) == ("", "", 0)


def test_a_point_alone_is_no_amount_and_not_all_that_remains() -> None:
    assert typed(["."], MONEY) == (None, "0.00", 1)


@pytest.mark.parametrize("entry", [Entry(1, 6), money_entry(1, "392")])
def test_where_nothing_has_decimals_the_point_beeps(entry: Entry) -> None:
    assert typed(list("1.5"), entry) == ("15", "15", 1)


@pytest.mark.parametrize(
    ("keys", "taken", "beeps"),
    [
        ("2 down", "A", 0),
        ("1 2 down down 9 down down down down 0", "1BZ0", 0),
        ("7 down down down down down 2 down down down down", "72", 0),  # round, and the digit again
        ("1 down 0 down", "10", 2),
        ("down", None, 2),
    ],
)
def test_the_down_key_makes_letters_where_there_are_any(
    keys: str, taken: str | None, beeps: int
) -> None:
    assert typed(keys.split(), Entry(1, 6, letters=True)) == (taken, taken or "", beeps)
    digits = "".join(key for key in keys.split() if key.isdigit())
    assert typed(keys.split(), Entry(1, 6))[1] == digits, "nowhere else"


@in_virtual_time
async def test_the_point_beeps_at_a_reference() -> None:
    glass = Glass()
    ui = Ui(glass, Language.EN)
    asked = asyncio.ensure_future(text(ui, Page("note", say("flows.home")), 9))
    await asyncio.sleep(0)
    for key in (Key.D1, Key.DOT, Key.D5, Key.ENTER):
        ui.post(KeyPressed(key))
    assert (await asked, glass.beeps) == ("15", 1)


KEYS: Any = st.lists(st.sampled_from([*"0123456789", *"...", "00", "clear"]), max_size=16)


@given(keys=KEYS, currency=st.sampled_from(["156", "840", "392", "999"]))
def test_what_is_shown_is_what_is_taken(keys: list[str], currency: str) -> None:
    answer, shown, _ = typed(keys, money_entry(0, currency))
    if not answer:
        assert not Decimal(shown or "0")
        return
    assert shown == format_amount(int(answer), currency)
    assert Decimal(shown) == int(answer) * Decimal(1).scaleb(-minor_digits(currency))

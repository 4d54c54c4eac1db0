"""Keys before, during and just after each prompt (the lesson of others' lost and stray keys)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import pytest
from hw_sim.virtual import VirtualLoop, run_virtual
from worlds.stories import told_by

from pos_terminal.core.words import say
from pos_terminal.ports import Frame, Key, KeyPressed, Scanned
from pos_terminal.texts import Language
from pos_terminal.ui.ask import Entry, choose, confirm, decide, digits, tell, text
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled, Ui

TITLE = say("flows.home")


class Glass:
    """A display that remembers."""

    columns, rows = 40, 15

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.beeps = 0

    def show(self, frame: Frame) -> None:
        self.frames.append(frame)

    def beep(self) -> None:
        self.beeps += 1


def with_ui(story: Callable[[Ui, Glass], Coroutine[Any, Any, None]]) -> None:
    async def main(_: VirtualLoop) -> None:
        glass = Glass()
        await story(Ui(glass, Language.EN), glass)

    run_virtual(main)


def press(ui: Ui, *keys: str) -> None:
    for key in keys:
        ui.post(KeyPressed(Key(key)))


async def start(awaitable: Awaitable[Any]) -> asyncio.Future[Any]:
    """The question is on the screen, and nothing was answered yet."""
    task = asyncio.ensure_future(awaitable)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task


@told_by(with_ui, 2)
async def test_digits_typed_ahead_are_kept_for_an_entry(ui: Ui, glass: Glass) -> None:
    press(ui, "1", "0", "1", "enter", "4", "2")
    assert await digits(ui, Page("a", TITLE), Entry(1, 6)) == "101"
    second = await start(digits(ui, Page("b", TITLE), Entry(1, 6)))
    press(ui, "enter")
    assert await second == "42"


@told_by(with_ui, 2)
async def test_a_stale_enter_never_confirms(ui: Ui, glass: Glass) -> None:
    press(ui, "enter", "enter")
    ui.post(Scanned("4006381333931"))
    asked = await start(confirm(ui, Page("sale", TITLE)))
    assert not asked.done()
    press(ui, "enter")
    await asked


@told_by(with_ui, 2)
async def test_a_key_just_after_the_prompt_appears_counts(ui: Ui, glass: Glass) -> None:
    asked = asyncio.ensure_future(confirm(ui, Page("sale", TITLE)))
    while ui.prompt_name != "sale":
        await ui.changed()
    press(ui, "enter")
    await asked


@told_by(with_ui, 2)
async def test_entry_edges_clear_too_long_too_short_and_double_zero(ui: Ui, glass: Glass) -> None:
    asked = await start(digits(ui, Page("a", TITLE), Entry(4, 5, secret=True)))
    press(ui, "1", "2", "clear", "enter")
    await asyncio.sleep(0)
    assert not asked.done()
    press(ui, "00", "00", "00", "5", "menu", "enter")
    assert await asked == "10000"
    assert "1000" not in repr(glass.frames)
    assert glass.beeps == 4  # enter too early, two times no room, menu


@told_by(with_ui, 2)
async def test_cancel_unwinds_unless_the_page_cannot_be_left(ui: Ui, glass: Glass) -> None:
    asked = await start(digits(ui, Page("a", TITLE), Entry(1, 6)))
    press(ui, "cancel")
    with pytest.raises(Cancelled):
        await asked
    fixed = await start(digits(ui, Page("a", TITLE), Entry(1, 6), cancellable=False))
    press(ui, "cancel", "7", "enter")
    assert await fixed == "7"


@pytest.mark.parametrize(
    "ask",
    [
        lambda ui: digits(ui, Page("a", TITLE), Entry(0, 20)),
        lambda ui: text(ui, Page("a", TITLE), 40),
    ],
)
@told_by(with_ui, 2)
async def test_a_card_number_is_not_taken(
    ui: Ui, glass: Glass, ask: Callable[[Ui], Coroutine[Any, Any, str]]
) -> None:
    asked = await start(ask(ui))
    press(ui, *"6250947000000014", "enter")
    for more in ("", "62509470000000147531"):  # nor with digits behind it, once it was refused
        press(ui, *more, *(["enter"] if more else []))
        for _ in range(40):
            await asyncio.sleep(0)
        assert not asked.done()
        shown = [row.text for row in glass.frames[-1].rows]
        assert "No card number here" in shown
        assert not any("6250" in row for row in shown), "it does not stay on the screen"
    press(ui, *"62509470000000", "enter")
    assert await asked == "62509470000000"


@pytest.mark.parametrize("pieces", [("posbdg7k2m9q4xw8zt5r3n",), ("posb", "dg7k2m9q4xw8zt5r3n")])
@told_by(with_ui, 2)
async def test_a_badge_is_not_taken_for_a_reference(
    ui: Ui, glass: Glass, pieces: Sequence[str]
) -> None:
    """Nor in two pieces of which neither tells it."""
    asked = await start(text(ui, Page("a", TITLE), 40))
    for piece in pieces:
        ui.post(Scanned(piece))
    await asyncio.sleep(0)
    assert "No badge here" in [row.text for row in glass.frames[-1].rows]
    press(ui, *["clear"] * 20, "7", "enter")
    assert await asked == "7"


@pytest.mark.parametrize(
    ("keys", "index"),
    [
        (("2",), 1),
        (("enter",), 0),
        (("down", "down", "enter"), 2),
        (("up", "enter"), 2),
        (("9", "0", "3"), 2),
    ],
)
@told_by(with_ui, 2)
async def test_choosing(ui: Ui, glass: Glass, keys: tuple[str, ...], index: int) -> None:
    options = [Line("a"), Line("b"), Line("c")]
    asked = await start(choose(ui, Page("c", TITLE, (Line("head"),)), options))
    press(ui, *keys)
    assert await asked == index


@pytest.mark.parametrize(
    ("keys", "index"),
    [
        (("2",), 1),
        (("enter", "enter", "3"), 2),
        (("down", "enter"), 0),
        (("up", "enter"), 2),
        (("down", "down", "down", "down", "enter"), 0),
    ],
)
@told_by(with_ui, 2)
async def test_where_it_decides_enter_alone_is_no_answer(
    ui: Ui, glass: Glass, keys: tuple[str, ...], index: int
) -> None:
    press(ui, "1", "enter")  # before the question was there
    asked = await start(decide(ui, Page("c", TITLE), [Line("a"), Line("b"), Line("c")]))
    assert not [row for row in glass.frames[-1].rows if row.text.startswith(">")]
    press(ui, *keys)
    assert await asked == index
    assert glass.beeps == keys.count("enter") - (keys[-1] == "enter")


@told_by(with_ui, 2)
async def test_a_page_that_is_turned_marks_nothing_where_it_decides(ui: Ui, glass: Glass) -> None:
    asked = await start(decide(ui, Page("c", TITLE), [Line(str(n)) for n in range(12)]))
    press(ui, "0", "enter", "2")
    assert await asked == 10
    assert glass.beeps == 1


@told_by(with_ui, 2)
async def test_keys_typed_ahead_count_in_a_list_that_leads_on(ui: Ui, glass: Glass) -> None:
    press(ui, "2")
    assert await (await start(choose(ui, Page("c", TITLE), [Line("a"), Line("b")]))) == 1


@pytest.mark.parametrize(
    ("keys", "index"),
    [
        (("9",), 8),
        (("0", "1"), 9),
        (("0", "0", "3"), 20),
        (("0", "0", "0", "1"), 0),
        (("0", "0", "4", "2"), 19),
        (("0", "enter"), 9),
        (("down",) * 9 + ("2",), 10),
        (("up", "enter"), 20),
        (("up", "1"), 18),
        (("down",) * 9 + ("up", "enter"), 8),
    ],
)
@told_by(with_ui, 2)
async def test_options_after_the_ninth_are_chosen_by_page_and_digit(
    ui: Ui, glass: Glass, keys: tuple[str, ...], index: int
) -> None:
    options = [Line(f"sale {n}") for n in range(21)]
    asked = await start(choose(ui, Page("c", TITLE), options))
    press(ui, *keys)
    assert await asked == index


@pytest.mark.parametrize(("columns", "rows"), [(20, 8), (40, 15)])
@pytest.mark.parametrize("language", Language)
def test_every_option_has_its_number_in_sight_on_some_page(
    columns: int, rows: int, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Glass, "columns", columns)
    monkeypatch.setattr(Glass, "rows", rows)
    seen: dict[str, str] = {}

    async def story(ui: Ui, glass: Glass) -> None:
        ui.language = language
        hint = say("flows.reprint_hint")
        options = [Line(f"sale {n}") for n in range(21)]
        asked = await start(choose(ui, Page("c", TITLE, hint=hint), options))
        for _ in options:
            rows_shown = [row.text for row in glass.frames[-1].rows]
            (page,) = [text for text in rows_shown if text.startswith("0 ")]
            seen.update((text, page) for text in rows_shown if text.startswith(">"))
            press(ui, "down")
            for _ in range(3):
                await asyncio.sleep(0)
        press(ui, "enter")
        assert await asked == 0  # once round

    with_ui(story)
    numbers = [f">{n % 9 + 1} sale {n}" for n in range(21)]
    assert list(seen) == numbers
    assert [page[-5:] for page in seen.values()] == ["(1/3)"] * 9 + ["(2/3)"] * 9 + ["(3/3)"] * 3


@told_by(with_ui, 2)
async def test_nine_options_are_one_page_and_zero_chooses_nothing(ui: Ui, glass: Glass) -> None:
    asked = await start(choose(ui, Page("c", TITLE), [Line(str(n)) for n in range(9)]))
    assert not [row for row in glass.frames[-1].rows if row.text.startswith("0")]
    press(ui, "0", "9")
    assert await asked == 8
    assert glass.beeps == 1


@told_by(with_ui, 2)
async def test_what_must_be_read_is_left_by_enter_or_cancel_only(ui: Ui, glass: Glass) -> None:
    told = await start(tell(ui, "failure", TITLE, "text"))
    press(ui, "5", "menu")
    await asyncio.sleep(0)
    assert not told.done()
    press(ui, "cancel")
    await told


@told_by(with_ui, 2)
async def test_the_idle_lock_comes_back_to_the_same_prompt(ui: Ui, glass: Glass) -> None:
    locked = 0

    async def unlock() -> None:
        nonlocal locked
        locked += 1
        await digits(ui, Page("lock.pin", TITLE), Entry(4, 4), cancellable=False)

    ui.lock_when_idle(900, unlock)
    asked = await start(digits(ui, Page("a", TITLE), Entry(1, 6)))
    press(ui, "1")
    await asyncio.sleep(899)
    assert locked == 0
    press(ui, "2")
    await asyncio.sleep(901)
    assert (locked, ui.prompt_name) == (1, "lock.pin")
    await asyncio.sleep(100_000)
    press(ui, "1", "2", "3", "4", "enter")
    await asyncio.sleep(1)
    assert ui.prompt_name == "a"
    assert "> 12_" in [row.text for row in glass.frames[-1].rows]
    press(ui, "enter")
    assert await asked == "12"


@told_by(with_ui, 2)
async def test_a_key_is_echoed_where_it_arrives_and_what_follows_the_answer_is_kept(
    ui: Ui, glass: Glass
) -> None:
    asked = await start(digits(ui, Page("a", TITLE), Entry(1, 6)))
    press(ui, "4")
    assert "> 4_" in [row.text for row in glass.frames[-1].rows]
    press(ui, "2", "enter", "7", "enter")
    assert await asked == "42"
    assert await digits(ui, Page("b", TITLE), Entry(1, 6)) == "7"


@told_by(with_ui, 2)
async def test_a_defect_in_a_question_ends_the_question_and_not_the_driver(
    ui: Ui, glass: Glass
) -> None:
    def accept(event: object) -> int:
        raise ZeroDivisionError(event)

    asked = await start(ui.prompt(Page("a", TITLE), accept))
    press(ui, "1", "2")
    with pytest.raises(ZeroDivisionError):
        await asked
    assert await (await start(_first_key(ui))) == "2"


async def _first_key(ui: Ui) -> str:
    def accept(event: object) -> str | None:
        return event.key.value if isinstance(event, KeyPressed) else None

    return await ui.prompt(Page("b", TITLE), accept)


@told_by(with_ui, 2)
async def test_a_key_for_a_flow_that_was_ended_waits_for_the_next(ui: Ui, glass: Glass) -> None:
    asked = await start(confirm(ui, Page("a", TITLE)))
    asked.cancel()
    press(ui, "5")
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await _first_key(ui) == "5"


@told_by(with_ui, 2)
async def test_a_jammed_key_fills_no_memory_and_waiters_see_each_change(
    ui: Ui, glass: Glass
) -> None:
    press(ui, *["1"] * 10_000)
    seen: list[str] = []

    async def look() -> None:
        while len(seen) < 2:
            await ui.changed()
            seen.append(ui.prompt_name)

    looking = await start(look())
    ui.show(Page("x", TITLE))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    ui.show(Page("y", TITLE))
    await looking
    assert seen == ["x", "y"]


@told_by(with_ui, 2)
async def test_a_page_longer_than_the_screen_is_walked_through_to_both_ends(
    ui: Ui, glass: Glass
) -> None:
    lines = tuple(Line(f"row {number}") for number in range(20))
    asked = await start(confirm(ui, Page("sale", TITLE, lines)))

    def top() -> str:
        return glass.frames[-1].rows[1].text

    press(ui, "up")
    await asyncio.sleep(0)
    assert (top(), glass.beeps) == ("row 0", 1)
    press(ui, *["down"] * 10)
    await asyncio.sleep(0)
    assert top() == "row 6"
    assert glass.frames[-1].rows[-1].text == "row 19"
    assert glass.beeps == 5
    press(ui, "up")
    await asyncio.sleep(0)
    assert top() == "row 5"
    press(ui, "enter")
    await asked


@told_by(with_ui, 2)
async def test_a_reference_is_typed_or_scanned(ui: Ui, glass: Glass) -> None:
    asked = await start(text(ui, Page("note", TITLE), 12))
    press(ui, "1", "2", "clear")
    ui.post(Scanned("AB-77"))
    ui.post(Scanned("much too long for it"))
    ui.post(Scanned("\x1b[2J"))
    press(ui, "enter")
    assert await asked == "1AB-77"


@told_by(with_ui, 2)
async def test_a_page_made_anew_is_so_still_after_it_was_scrolled(ui: Ui, glass: Glass) -> None:
    pending = 1

    def page() -> Page:
        return Page("home", TITLE, tuple(Line(f"row {n} of {pending}") for n in range(40)))

    asked = await start(ui.prompt(page, lambda _: None))
    press(ui, "down", "down")
    for _ in range(5):
        await asyncio.sleep(0)
    assert glass.frames[-1].rows[1].text == "row 2 of 1"
    pending = 2
    ui.refresh()
    assert glass.frames[-1].rows[1].text == "row 2 of 2"
    press(ui, "cancel")
    with pytest.raises(Cancelled):
        await asked
    again = await start(ui.prompt(page, lambda _: None))
    assert glass.frames[-1].rows[1].text == "row 0 of 2"
    again.cancel()


@told_by(with_ui, 2)
async def test_a_scan_that_is_no_answer_is_told_so_until_the_next_key(ui: Ui, glass: Glass) -> None:
    """The next customer's receipt: who goes on is still at the sale on the screen."""
    page = Page("sale", TITLE, (Line("a sale"),), hint=say("flows.sale_hint"))
    asked = await start(confirm(ui, lambda: page))
    ui.post(Scanned("T3-000025"))
    assert "Another receipt: CANCEL first" in said(ui)
    assert glass.beeps == 1
    ui.refresh()
    assert "Another receipt: CANCEL first" not in said(ui)
    press(ui, "enter")
    await asked


@told_by(with_ui, 2)
async def test_where_nothing_can_be_cancelled_a_scan_is_but_a_beep(ui: Ui, glass: Glass) -> None:
    page = Page("result", TITLE, hint=say("flows.sale_hint"))
    asked = await start(confirm(ui, page, cancellable=False))
    ui.post(Scanned("T3-000025"))
    assert "CANCEL first" not in said(ui)
    assert glass.beeps == 1
    press(ui, "enter")
    await asked


def said(ui: Ui) -> str:
    assert ui.frame is not None
    return " ".join(row.text for row in ui.frame.rows)

"""docs/clerk.md and its Chinese twin show the screens that the terminal shows, letter by letter.

``GOLDEN=record pytest tests/docs/test_docs_clerk.py`` writes the screens and the table of keys
anew, and the pictures of the commonest ones, drawn as a panel draws them: look at the difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from pictures import record, stale
from PIL import Image
from pos_drivers.luma_paint import Painter
from worlds.keys import ALONE, FULL, STORIES, counted, table
from worlds.screens import as_text, screens

from pos_terminal.ports import Frame
from pos_terminal.texts import Language, catalogue

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGES: Final = {
    Language.ZH_CN: DOCS / "clerk.zh-CN.md",
    Language.EN: DOCS / "clerk.md",
}
RECORD: Final = os.environ.get("GOLDEN") == "record"
SCREEN: Final = re.compile(r"<!-- screen: (\S+) -->\n(?:```text\n(.*?)\n```\n)?", re.DOTALL)

KEYS: Final = re.compile(r"[\d.]+|菜单|MENU|⚠|!")
"""What stands on a key, is typed, or marks trouble."""

PICTURES: Final = DOCS / "pictures"
COMMONEST: Final = (
    "login.number", "home", "sale", "refund.amount", "refund.reason",
    "supervisor.pin", "card.present", "host.wait", "card.remove", "result",
)  # fmt: skip
"""The prompts of a plain refund."""
FONT: Final = Path("/usr/share/fonts/opentype/unifont/unifont.otf")
COLUMNS, ROWS = 40, 15
INKS: Final = 16
"""More colours than a panel's styles have."""

TABLE: Final = re.compile(r"(<!-- table: keys -->\n)((?:\|.*\n)*)")

framed = cache(screens)
of_keys = cache(counted)


def shown(language: Language) -> Mapping[str, str]:
    return {name: as_text(frame) for name, frame in framed(language).items()}


@pytest.mark.parametrize("language", Language)
def test_each_screen_of_the_page_is_what_the_terminal_shows(language: Language) -> None:
    there = shown(language)
    page = PAGES[language].read_text("utf-8")
    if RECORD:
        PAGES[language].write_text(SCREEN.sub(lambda one: block(one[1], there), page), "utf-8")
        return
    told = {one[1]: one[2] for one in SCREEN.finditer(page)}
    assert told == {name: there.get(name) for name in told}


def block(name: str, there: Mapping[str, str]) -> str:
    return f"<!-- screen: {name} -->\n```text\n{there[name]}\n```\n"


@pytest.mark.parametrize("language", Language)
def test_the_keys_of_the_commonest_stories_are_as_the_page_counts_them(
    language: Language,
) -> None:
    now = table(of_keys(), language) + "\n"
    page = PAGES[language].read_text("utf-8")
    if RECORD:
        PAGES[language].write_text(TABLE.sub(lambda one: one[1] + now, page), "utf-8")
        return
    (told,) = TABLE.findall(page)
    assert told[1] == now


def test_a_full_refund_takes_ten_keys_with_a_badge_and_three_without_a_supervisor() -> None:
    """From the scan to the cut, without the key that leaves the outcome."""
    keys = {count.story: count.keys for count in of_keys()}
    assert len(keys) == len(STORIES)
    assert keys[FULL] <= 10
    assert keys[ALONE] <= 3


def test_both_pages_have_the_same_screens_in_the_same_order() -> None:
    chinese, english = (
        [one[1] for one in SCREEN.finditer(page.read_text("utf-8"))] for page in PAGES.values()
    )
    assert chinese == english


def test_every_screen_that_is_played_is_on_the_page() -> None:
    told = {one[1] for one in SCREEN.finditer(PAGES[Language.EN].read_text("utf-8"))}
    assert told == set(shown(Language.EN))


@pytest.mark.parametrize("language", Language)
def test_what_the_page_quotes_is_said_somewhere(language: Language) -> None:
    """A wording that changed is changed here, too."""
    prose = SCREEN.sub("", PAGES[language].read_text("utf-8"))
    said = [words[language.column] for words in catalogue().values()]
    for quoted in re.findall(r"`([^`]+)`", prose):
        if not KEYS.fullmatch(quoted):
            assert any(quoted in one for one in said), quoted


@pytest.mark.skipif(not FONT.exists(), reason="fonts-unifont is missing")
@pytest.mark.parametrize("language", Language)
def test_the_commonest_screens_look_as_their_pictures(language: Language) -> None:
    frames = framed(language)
    for name in COMMONEST:
        picture, says = drawn(frames[name]), as_text(frames[name])
        file = PICTURES / picture_name(name, language)
        if RECORD:
            PICTURES.mkdir(exist_ok=True)
            record(picture.quantize(INKS, dither=Image.Dither.NONE), file, says, FONT)
        assert not stale(picture, file, says, FONT)


@pytest.mark.parametrize("language", Language)
def test_each_picture_is_on_its_page(language: Language) -> None:
    named = re.findall(r"\(pictures/([^)]+)\)", PAGES[language].read_text("utf-8"))
    assert named == [picture_name(name, language) for name in COMMONEST]


def test_no_picture_is_left_over() -> None:
    there = {file.name for file in PICTURES.glob("screen-*")}
    assert there == {picture_name(name, one) for name in COMMONEST for one in Language}


def picture_name(name: str, language: Language) -> str:
    return f"screen-{name}.{language.value.replace('_', '-')}.png"


def drawn(frame: Frame) -> Image.Image:
    """By the panel's own painter, on 320 x 240 pixels."""
    painter = Painter(size=(320, 240), columns=COLUMNS, rows=ROWS, font=str(FONT))
    painter.paint(frame)
    return painter.picture()

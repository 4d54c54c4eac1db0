"""docs/clerk.md and its Chinese twin show the screens that the terminal shows, letter by letter.

``GOLDEN=record pytest tests/docs/test_docs_clerk.py`` writes the screens anew: read the difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from worlds.screens import screens

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

shown = cache(screens)


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

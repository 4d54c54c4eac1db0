"""Who follows a page through the house finds every file, and in it what the page looks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pos_terminal.services.ledger.books.book import Book

ROOT = Path(__file__).parents[2]
BASES = (ROOT, ROOT / "pos_terminal")
"""A path may be counted from the project or, in short, from the product."""
PAGES = (ROOT / "docs" / "overview.md", ROOT / "CONTRIBUTING.md")
OVERVIEW = PAGES[0].read_text("utf-8")
QUOTED = re.compile(r"`([\w.-]+(?:/[\w.-]*)+|[\w-]+\.(?:py|cfg|md))`")
LOOKED_FOR = re.compile(r"`([\w./-]+\.(?:py|toml))`[ \n]+\(((?:`\w+`,?[ \n]*)+)\)")
AT_RUN_TIME = frozenset({"terminal.toml"})


def found(name: str) -> list[Path]:
    """The files of this name; NAME, AREA and the like stand for any."""
    pattern = re.sub(r"\b(?:NAME|CONCEPT|AREA|verb_noun)\b", "*", name)
    if pattern == name:
        return [base / name for base in BASES if (base / name).exists()]
    return [file for base in BASES for file in base.glob(pattern)]


def whole(text: str) -> str:
    """Lines of a paragraph that are broken between a file and what is looked for in it."""
    return re.sub(r"\n +", " ", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = set(QUOTED.findall(page.read_text("utf-8"))) - AT_RUN_TIME
    assert len(named) > 3
    assert sorted(name for name in named if not found(name)) == []


@pytest.mark.parametrize(("name", "wanted"), LOOKED_FOR.findall(whole(OVERVIEW)))
def test_what_is_looked_for_is_in_the_file(name: str, wanted: str) -> None:
    (file,) = found(name)
    words = set(re.findall(r"\w+", file.read_text("utf-8")))
    assert set(re.findall(r"\w+", wanted)) <= words


@pytest.mark.parametrize("room", ["pos_terminal", "pos_terminal/services"])
def test_every_room_is_in_the_picture(room: str) -> None:
    pictures = "".join(re.findall(r"```\n(.*?)```", OVERVIEW, re.DOTALL))
    rooms = {init.parent.name for init in (ROOT / room).glob("*/__init__.py")}
    assert len(rooms) > 5
    assert sorted(name for name in rooms if f"{name}/" not in pictures) == []


def test_every_part_of_a_book_is_explained() -> None:
    rows = [line.split("|")[1] for line in OVERVIEW.splitlines() if line.startswith("| `")]
    told = re.findall(r"`(\w+)`", "".join(rows))
    assert sorted(told) == sorted(Book.__struct_fields__)

"""docs/configuration.md has the words of ``pos_terminal/options.toml``, as the example has.

``GOLDEN=record pytest tests/docs/test_docs_options.py`` writes its tables anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import inspect

from pos_terminal.cli.config_example import parts, table
from pos_terminal.config import Config

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
TABLE = re.compile(r"<!-- options: (\S+) -->\n(?:\|.*\n)*")


def test_the_documentation_has_the_same_words() -> None:
    page = PAGE.read_text("utf-8")
    written = TABLE.sub(lambda one: f"<!-- options: {one[1]} -->\n{table(one[1])}\n", page)
    if os.environ.get("GOLDEN") == "record":
        PAGE.write_text(written, "utf-8")
        return
    assert page == written
    # both readers have one table, and people read of the classes in another
    told = {one.name for one in parts()} - {"reader.tap", "control.classes"}
    assert set(TABLE.findall(page)) == told


def test_the_words_have_the_bounds_that_are_asked_for() -> None:
    """Zero and one go without saying: so many seconds, columns, days."""
    told = {
        f"{part.name}.{one.name}": f"{part.about} {one.meaning}"
        for part in parts()
        for one in part.options
    }
    bounded = dict(_bounds(inspect.type_info(Config), ""))
    assert {"scanner.gap_ms", "display.columns", "acquirer.owed_seconds"} <= set(bounded)
    untold = [
        f"{option}: {bound}"
        for option, bounds in bounded.items()
        for bound in bounds
        if bound > 1 and not re.search(rf"\b{bound:g}\b", told[option])
    ]
    assert untold == []


def _bounds(of: inspect.Type, at: str) -> Iterator[tuple[str, set[float]]]:
    match of:
        case inspect.StructType(fields=fields):
            for one in fields:
                yield from _bounds(one.type, f"{at}.{one.encode_name}".removeprefix("."))
        case inspect.UnionType(types=types):
            for kind in types:
                yield from _bounds(kind, at)
        case inspect.IntType() | inspect.FloatType():
            yield at, {one for one in (of.ge, of.gt, of.le, of.lt) if one is not None}

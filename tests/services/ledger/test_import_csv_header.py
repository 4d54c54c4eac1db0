"""A CSV file with a strange first line is told about that line (R9)."""

from __future__ import annotations

import pytest
from worlds.ledger import World

from pos_terminal.texts.problems import reason
from pos_terminal.wire.feed.lines import Format


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("kind,sale_id,colour", "no column: colour"),
        ("kind,tender.colour", "no column: tender.colour"),
        ("a,b", "no column: a, b"),
        ("kind,kind", "twice"),
    ],
)
def test_the_first_line_is_named(world: World, header: str, words: str) -> None:
    lines = [header, ",".join("x" for _ in header.split(","))]
    report = world.do(
        world.store.feed.take_in(lines, source="t.csv", form=Format.CSV, allow_pan=False)
    )
    named, beneath = report.problems
    assert (named.line, beneath.line) == (1, 2)
    assert words in reason(named)
    assert beneath.code == "no_columns"

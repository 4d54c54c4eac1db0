"""A CSV file with a strange first line is told about that line (R9)."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds.ledger import World

from pos_terminal.services.intake.taking import Intake
from pos_terminal.texts.problems import reason
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.source import of_text


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
    lines = [header, *[",".join("x" for _ in header.split(","))] * 700]
    report = world.do(
        world.store.feed.take_in(lines, source="t.csv", form=Format.CSV, allow_pan=False)
    )
    (named,) = report.problems
    assert (named.line, report.refused, report.imported) == (1, 1, False)
    assert words in reason(named)


def test_all_of_the_file_is_kept_and_its_one_fault_beside_it(world: World, tmp_path: Path) -> None:
    refused = tmp_path / "refused"
    intake = Intake(world.store, refused)
    lines = ["kind,colour", "sale,red", "sale,blue"]
    told = [of_text(number, f"{text}\n") for number, text in enumerate(lines, 1)]
    world.do(intake.lines(told, source="till", form=Format.CSV, allow_pan=False))
    (kept,) = [path for path in refused.iterdir() if not path.name.endswith(".errors.txt")]
    assert kept.read_text("utf-8").splitlines() == lines
    (said,) = kept.with_name(f"{kept.name}.errors.txt").read_text("utf-8").splitlines()
    assert said.startswith("1\tcolumn_unknown\t")

"""``docs/security.md`` has a class for everything that is kept."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from worlds.ledger import World

from pos_terminal.config import Retention
from pos_terminal.services.ledger.books import shelf

PAGE = (Path(__file__).parents[3] / "docs" / "security.md").read_text("utf-8")
TABLE = PAGE.split("## What is kept how long")[1].split("\n## ")[0]
SIDE_FILES = ("-wal", "-shm")
"""Parts of the database while it is open."""


def test_every_table_has_its_class(world: World) -> None:
    tables = world.store.db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    data = {row[0] for row in tables} - {names.table for names in shelf.names()}
    assert [table for table in data if f"`{table}`" not in TABLE] == []


def test_every_file_has_its_class(world: World) -> None:
    world.sell()
    world.do(world.store.tidy.once())
    files = [file.name for file in world.folder.iterdir() if not file.name.endswith(SIDE_FILES)]
    assert len(files) > 3
    named = {*files, "people.db", "keys/"} - {"ledger.db"}
    assert [name for name in named if f"`{name}`" not in TABLE] == []


@pytest.mark.parametrize("option", Retention.__struct_fields__)
def test_every_option_has_its_row(option: str) -> None:
    (row,) = [line for line in TABLE.splitlines() if line.startswith(f"| `{option}` |")]
    assert row.count("|") == 5


def test_the_defaults_fit_each_other() -> None:
    kept = Retention()
    days = msgspec.structs.asdict(kept)
    assert kept.audit_days == max(days.values())
    assert kept.slips_days <= kept.refunds_days

"""A schema that was released never changes in place, nor does a step that leads on from it."""

from __future__ import annotations

import ast
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from worlds import releases, schemas

from pos_terminal.services.ledger import migrations, steps
from pos_terminal.services.security.people_db import PEOPLE_FILE, PeopleDb

HOW = (
    "A released schema is not changed in place. Write a step to the next one: "
    "CONTRIBUTING.md, 'The schema'. Different: "
)
MAY_IMPORT = {"__future__", "collections.abc", "json", "sqlite3", "types", "typing"}
REBUILD = "pos_terminal.services.ledger.steps.rebuild"
FILES = sorted(Path(steps.__path__[0]).glob("*.py"))


def led_on(name: str) -> tuple[int, schemas.Schema]:
    """A new ledger of that release, after the steps of today: which schema it had, and has."""
    with schemas.loaded(releases.schema_text(name)) as db:
        found = migrations.version_of(db)
        if found < migrations.VERSION:
            migrations.migrate(db, name)
        return found, schemas.schema_of(db)


@pytest.mark.parametrize("name", releases.names())
def test_a_released_ledger_comes_to_the_schema_of_a_new_one(name: str) -> None:
    _, schema = led_on(name)
    assert not (found := schemas.differences(schema, schemas.new_schema())), HOW + "; ".join(found)


@pytest.mark.parametrize("name", [*releases.names(), releases.TODAY])
def test_the_file_of_people_comes_to_the_schema_of_a_new_one(
    name: str, unpacked: Callable[[str], releases.Release], tmp_path: Path
) -> None:
    texts = []
    for folder in (unpacked(name).another("people") / "data", tmp_path):
        PeopleDb.open(folder).close()
        with closing(sqlite3.connect(folder / PEOPLE_FILE)) as db:
            texts.append(set(db.execute("SELECT type, name, sql FROM sqlite_schema")))
    assert texts[0] == texts[1], HOW + PEOPLE_FILE


@pytest.mark.parametrize("name", releases.names())
def test_a_step_that_was_released_is_as_it_was(name: str) -> None:
    today = releases.step_files()
    changed = [
        file for file, digest in releases.steps_then(name).items() if today.get(file) != digest
    ]
    assert not changed, f"released with {name}: {changed}. What they forgot, the next step does."


def test_each_number_has_its_step_and_no_other_has() -> None:
    numbers = range(migrations.FIRST + 1, migrations.VERSION + 1)
    named = {f"to_{number}.py" for number in numbers} | {"__init__.py", "rebuild.py"}
    assert {file.name for file in FILES} == named
    for number in numbers:
        assert callable(migrations.step_to(number))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_step_depends_on_nothing_that_changes(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            assert {one.name for one in node.names} <= MAY_IMPORT
        elif isinstance(node, ast.ImportFrom):
            assert node.module in MAY_IMPORT | {REBUILD}


def test_a_change_in_place_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a table, an index, a trigger, a name, the first row of a counter."""
    text = schemas.dump()
    for was, becomes in (
        ("scheme TEXT NOT NULL DEFAULT ''", "scheme TEXT NOT NULL"),
        ("INSERT INTO \"sale_states\" VALUES('voided');\n", ""),
        ("CREATE INDEX sales_age ON sales (sold_ts);\n", ""),
        ("a hold on a sale that has an open refund", "no"),
        ("VALUES(1,0,", "VALUES(1,7,"),
    ):
        assert was in text
        changed = text.replace(was, becomes)
        monkeypatch.setattr(releases, "schema_text", {"made up": changed}.__getitem__)
        _, schema = led_on("made up")
        assert len(schemas.differences(schema, schemas.new_schema())) > 0, was
    monkeypatch.setattr(releases, "schema_text", {"made up": text}.__getitem__)
    found, schema = led_on("made up")
    assert (found, schemas.differences(schema, schemas.new_schema())) == (migrations.VERSION, [])

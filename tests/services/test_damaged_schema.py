"""A ledger whose schema is damaged is a damaged ledger, and nobody sees a traceback."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from worlds.config import DEVICELESS
from worlds.provisioning import Machine, a_spec
from worlds.running import run_until_stopped

from pos_terminal.cli.main import run_command
from pos_terminal.services.ledger import migrations
from pos_terminal.services.ledger.migrations import FIRST, VERSION

pytestmark = pytest.mark.usefixtures("cheap_hashes")
Damage = Callable[[sqlite3.Connection], object]


def malformed(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE sales (' WHERE name = 'sales'")


DAMAGES: dict[str, Damage] = {
    "a table is gone": lambda db: db.execute("DROP TABLE redemptions"),
    "an index is gone": lambda db: db.execute("DROP INDEX sales_trace"),
    "a table that every start reads is gone": lambda db: db.execute("DROP TABLE audit"),
    "a column has another name": lambda db: db.execute("ALTER TABLE audit RENAME at TO hour"),
    "a column that few read is gone": lambda db: db.execute("ALTER TABLE lines DROP category"),
    "no SQL any more": malformed,
}
COMMANDS = (
    ("ledger",),
    ("check",),
    ("explain", "1"),
    ("purge", "--dry-run"),
    ("purge",),
    ("import-sales", "sales.jsonl"),
)
SAID = ("Ledger damaged", "Ledger was changed")


@pytest.fixture
def machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Machine:
    machine = Machine(tmp_path, capsys)
    config = DEVICELESS.replace('"data"', '"data"\nlanguage = "en"')
    machine.file.write_text(config + '[security]\ndevice_key = "file"\n', "utf-8")
    assert machine.give(a_spec()) == 0
    (tmp_path / "sales.jsonl").write_text("", "utf-8")
    return machine


def harm(machine: Machine, damage: Damage) -> None:
    with closing(sqlite3.connect(machine.data / "ledger.db", isolation_level=None)) as db:
        damage(db)


@pytest.mark.parametrize("damage", DAMAGES)
def test_commands_say_that_it_is_damaged(
    machine: Machine,
    damage: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(machine.file.parent)
    monkeypatch.setattr("pos_terminal.cli.purge.kernel_synchronised", lambda: True)
    harm(machine, DAMAGES[damage])
    for command in COMMANDS:
        status = run_command([command[0], "--config", str(machine.file), *command[1:]])
        told = "".join(capsys.readouterr())
        assert "Traceback" not in told
        assert status == 1, command
        assert any(said in told for said in SAID), (command, told)
        assert "call support" in told


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_terminal_says_so_on_its_screen(
    machine: Machine, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    harm(machine, DAMAGES[damage])
    _, text = run_until_stopped(machine.file)
    assert any(said in text for said in SAID), text
    assert "Keep the card, call support" in text
    assert "Traceback" not in capsys.readouterr().err


OTHER_VERSIONS = {
    VERSION + 1: ("The ledger needs a newer version", f"schema {VERSION + 1}"),
    FIRST - 1: ("The ledger is of a trial version", "0.1.0"),
}


@pytest.mark.parametrize("version", OTHER_VERSIONS)
def test_a_ledger_that_this_version_can_not_read_is_named_and_left_as_it_is(
    machine: Machine,
    version: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said, tech = OTHER_VERSIONS[version]
    monkeypatch.chdir(machine.file.parent)
    monkeypatch.setattr("pos_terminal.cli.purge.kernel_synchronised", lambda: True)
    harm(machine, lambda db: db.execute(f"PRAGMA user_version = {version}"))
    before = (machine.data / "ledger.db").read_bytes()
    for command in COMMANDS:
        assert run_command([command[0], "--config", str(machine.file), *command[1:]]) == 1
        told = "".join(capsys.readouterr())
        assert said in told, (command, told)
        assert tech in told, (command, told)
    assert machine.run("--wipe", "--yes") == 1
    assert tech in machine.err
    _, screen = run_until_stopped(machine.file)
    assert said in screen
    assert (machine.data / "ledger.db").read_bytes() == before


def test_every_column_is_looked_for() -> None:
    """As SQLite reads the same text."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrations.migrate(db, ":memory:")
        columns = {
            ("column", f"{table}.{column[1]}")
            for (table,) in db.execute("""SELECT name FROM sqlite_schema
                WHERE type = 'table' AND name NOT LIKE 'sqlite%'""").fetchall()
            for column in db.execute(f"PRAGMA table_xinfo({table})")
        }
    expected = {one for one in migrations._expected() if one[0] == "column"}
    assert expected == columns

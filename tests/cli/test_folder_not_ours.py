"""A data folder that may not be looked into: each command that looks says so, none ends in a trace.

A name that no file system has room for stands for it: that is refused to root as well.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds.config import DEVICELESS

from pos_terminal.cli.main import run_command

REFUSED = "File name too long"


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "terminal.toml"
    lines = DEVICELESS.splitlines()
    (place,) = (n for n, line in enumerate(lines) if line.startswith("data_dir = "))
    lines[place] = f'data_dir = "{"x" * 300}"'
    file.write_text("\n".join(lines), "utf-8")
    return str(file)


@pytest.mark.parametrize(
    "command",
    [
        ["ledger"],
        ["ledger", "--json"],
        ["explain", "1"],
        ["purge", "--dry-run"],
        ["purge"],
        ["provision", "--list"],
    ],
    ids=" ".join,
)
def test_a_command_says_that_it_may_not_look(
    config: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, *words = command
    assert run_command([name, "--config", config, *words]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count(REFUSED) == 1


def test_check_says_it_and_looks_at_all_the_rest(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["check", "--config", config, "--json"]) == 1
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    for name in ("provision", "keys", "ledger"):
        assert not found[name]["ok"]
        assert REFUSED in found[name]["tech"]
    assert {"rules", "slips", "printer", "keypad", "acquirer"} <= set(found)


def test_the_people_of_a_terminal_that_was_never_set_up(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It takes a provisioning, and no look at the disk."""
    file = Path(config)
    file.write_text(file.read_text("utf-8").replace("x" * 300, "none/yet"), "utf-8")
    assert run_command(["provision", "--list", "--config", config]) == 1
    said = capsys.readouterr().err
    assert f"pos-terminal provision --config {config}" in said
    assert "disk" not in said

"""``pos-terminal check`` says of everything whether it is well, and never opens what is in use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pos_terminal.cli.main import run_command

CONFIG = """
[terminal]
merchant_id = "898310012340001"
terminal_id = "12345678"
merchant_name = "Shop"
data_dir = "data"
language = "en"
[control]
socket = "control.sock"
[printer]
port = "tty/printer"
profile = "default"
[keypad]
device = "tty/keypad"
[acquirer]
private_line = true
address = ["127.0.0.1:1"]
[display]
backend = "none"
"""
Findings = dict[str, dict[str, Any]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A terminal that has none of its devices."""
    path = tmp_path / "till-3.toml"
    path.write_text(CONFIG, "utf-8")
    return path


@pytest.fixture
def findings(file: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Findings]:
    """What the command finds, by name, after replacing texts in the configuration."""

    def look(**changes: str) -> Findings:
        text = file.read_text("utf-8")
        for old, new in changes.items():
            assert f"\n{old} = " in text
            text = "\n".join(
                f"{old} = {new}" if line.startswith(f"{old} = ") else line
                for line in text.split("\n")
            )
        file.write_text(text, "utf-8")
        assert run_command(["check", "--config", str(file), "--json"]) == 1
        return {row["name"]: row for row in json.loads(capsys.readouterr().out)}

    return look


def test_a_printer_profile_that_is_none_is_named(
    findings: Callable[..., Findings], file: Path
) -> None:
    assert findings()["slips"]["ok"]
    found = findings(profile='"TM-T88VV"')["slips"]
    assert not found["ok"]
    for named in (str(file.resolve()), "printer.profile", "TM-T88VV", "TM-T88V,", "default"):
        assert named in found["tech"]

"""Nothing ends in silence: a defect while starting is on the screen and in the log."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from worlds.config import DEVICELESS
from worlds.running import run_until_stopped

from pos_terminal import app, stopped
from pos_terminal.cli.main import run_command

CONFIG = DEVICELESS.replace('"data"', '"data"\nlanguage = "en"\nsupport = "400-800-1234"')


class UnheardOf(RuntimeError):
    """What nobody foresaw."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def never(*_: object) -> None:
        raise UnheardOf

    monkeypatch.setattr(app, "rule_book", never)
    (tmp_path / "data").mkdir()
    file = tmp_path / "terminal.toml"
    file.write_text(CONFIG, "utf-8")
    return file


def test_it_is_on_the_screen_and_in_the_log_and_the_exit_status(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A stop while it is shown changes nothing of the status."""
    monkeypatch.setattr(stopped, "DEFECT_SECONDS", 60.0)
    status, text = run_until_stopped(file)
    assert status == 1
    assert "Defect while starting. Keep the card, call support" in text
    assert "400-800-1234" in text
    err = capfd.readouterr().err
    assert "a defect while starting" in err
    assert "Traceback" in err
    assert "UnheardOf" in err


def test_it_ends_by_itself_to_be_started_again(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stopped, "DEFECT_SECONDS", 0.0)
    assert run_command(["run", "--config", str(file)]) == 1
    assert capfd.readouterr().err.count("Traceback") == 1


def test_what_ends_it_later_is_not_swallowed(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Outside all that is supervised, once everything was open."""

    async def broken(_: app.Terminal) -> None:
        await asyncio.sleep(0)
        raise UnheardOf

    monkeypatch.setattr(app.Terminal, "serve", broken)
    assert run_command(["run", "--config", str(file)]) == 1
    err = capfd.readouterr().err
    assert "UnheardOf" in err
    assert "Defect" in err

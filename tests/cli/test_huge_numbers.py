"""A number that SQLite has no room for is a number that nothing has (no OverflowError)."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds.ledger import World

from pos_terminal.cli.main import run_command

HUGE = ("9223372036854775808", "1" + "0" * 30, "-9223372036854775809", "0", "-1")


@pytest.fixture
def config(tmp_path: Path) -> str:
    world = World(tmp_path)
    try:
        return str(world.write_config())
    finally:
        world.store.close()


@pytest.mark.parametrize("number", [*HUGE, "9223372036854775807"])
def test_explain_knows_no_such_request_and_no_such_refund(
    config: str, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["explain", "--config", config, "--", number]) == 1
    assert f"There is no request {number}\n" in capsys.readouterr().err
    assert run_command(["explain", "--config", config, f"--refund={number}"]) == 1
    assert f"There is no refund {number}\n" in capsys.readouterr().err


@pytest.mark.parametrize("limit", [*HUGE[:3], "-1", "x", "1.5", "٣", "1" * 5000])
def test_the_ledgers_limit_is_a_number_that_can_be(
    config: str, limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command(["ledger", "--config", config, f"--limit={limit}"])
    assert ended.value.code == 2
    assert "a whole number from 0 to 9223372036854775807" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["0", "1", "9223372036854775807"])
def test_every_other_limit_is_taken(config: str, limit: str) -> None:
    assert run_command(["ledger", "--config", config, "--limit", limit]) == 0

"""Every command's bad argument is a sentence and exit status 2: no traceback, nothing begun."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds.ledger import World

from pos_terminal.cli.main import COMMANDS, run_command

HUGE = ("9223372036854775808", "1" + "0" * 30, "-9223372036854775809", "-1", "9" * 5000)
ODD = ("x", "1.5", "٣", "1_0", "", " 1", "+1")
WHOLE = "a whole number from {} to 9223372036854775807 is needed, not "
WHOLE_ZH = "需要 {} 至 9223372036854775807 的整数,不是 "
NOBODY = ("foo", "1234567", "", "-1", "٣", "9" * 5000)


@pytest.fixture
def config(tmp_path: Path) -> str:
    world = World(tmp_path)
    try:
        return str(world.write_config())
    finally:
        world.store.close()


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What is said, by argparse or by the command itself; it ended with 2."""
    try:
        status: object = run_command(words)
    except SystemExit as ended:
        status = ended.code
    said = capsys.readouterr().err
    assert status == 2, said
    assert "Traceback" not in said
    assert len(said) < 2000, "a long argument is not the whole screen"
    return said


@pytest.mark.parametrize("number", [*HUGE, *ODD, "0"])
@pytest.mark.parametrize("which", [["--"], ["--refund"]])
def test_a_number_that_no_row_has(
    config: str, which: list[str], number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*which, number] if which == ["--"] else [f"{which[0]}={number}"]
    said = refused(["explain", "--config", config, *words], capsys)
    assert WHOLE.format(1) in said
    assert WHOLE_ZH.format(1) in said


@pytest.mark.parametrize("number", ["1", "9223372036854775807"])
def test_a_number_that_a_row_might_have_is_looked_for(
    config: str, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["explain", "--config", config, number]) == 1
    assert f"There is no application {number}\n" in capsys.readouterr().err
    assert run_command(["explain", "--config", config, f"--refund={number}"]) == 1
    assert f"There is no refund {number}\n" in capsys.readouterr().err


@pytest.mark.parametrize("limit", [*HUGE, *ODD])
def test_the_ledgers_limit_is_a_number_that_can_be(
    config: str, limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(["ledger", "--config", config, f"--limit={limit}"], capsys)
    assert WHOLE.format(0) in said
    assert WHOLE_ZH.format(0) in said


@pytest.mark.parametrize("limit", ["0", "1", "9223372036854775807"])
def test_every_other_limit_is_taken(config: str, limit: str) -> None:
    assert run_command(["ledger", "--config", config, "--limit", limit]) == 0


@pytest.mark.parametrize("option", ["--disable", "--reset-pin"])
@pytest.mark.parametrize("number", NOBODY)
def test_a_number_that_no_person_can_have(
    config: str, option: str, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(["provision", "--config", config, f"{option}={number}"], capsys)
    assert "a person's number has 1 to 6 digits" in said
    assert "操作员号是 1 至 6 位数字" in said


@pytest.mark.parametrize("option", ["--export-keys", "--import-keys", "--from"])
def test_a_file_without_a_name(
    config: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(["provision", "--config", config, f"{option}="], capsys)
    assert "a file's name is needed" in said
    assert "文件名不能为空" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--list --yes", "--yes goes with --wipe only"),
        ("--force", "--force goes with --wipe only"),
        ("--list --from x.json", "--from is not for --list"),
        ("--wipe --add-people", "--add-people is not for --wipe"),
        ("--disable 101 --replace-keys", "--replace-keys is not for --disable"),
        ("--reset-pin 101 --replace-token-key", "--replace-token-key is not for --reset-pin"),
        ("--seal-to-tpm --json", "--json is not for --seal-to-tpm"),
    ],
)
def test_no_option_of_provision_is_passed_over(
    config: str, words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = refused(["provision", "--config", config, *words.split()], capsys)
    assert said in found
    assert "同用" in found


@pytest.mark.parametrize("command", ["import-sales", "import-outcomes"])
def test_a_file_of_no_known_form_is_said_before_any_is_taken(
    config: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "good.jsonl"
    good.write_text("", "utf-8")
    said = refused([command, "--config", config, str(good), "day.xml"], capsys)
    assert "Unknown format of day.xml" in said
    assert "未知" in said or "格式" in said
    assert good.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_configuration_that_is_none_ends_every_command_alike(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = {"explain": ["1"], "import-sales": ["a.jsonl"], "import-outcomes": ["a.jsonl"]}
    for path in (tmp_path / "none.toml", tmp_path):
        refused([command, "--config", str(path), *words.get(command, [])], capsys)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_that_no_command_has(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "usage: pos-terminal" in refused([command, "--config", "x", "--colour", "red"], capsys)

"""``pos-terminal config --example`` has every option, and loads; the documentation has its words
(``tests/docs/test_docs_options.py``)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from worlds.option_sections import SECTIONS

from pos_terminal import config
from pos_terminal.cli.config_example import parts
from pos_terminal.cli.main import run_command
from pos_terminal.config import load
from pos_terminal.policy_options import Policy

SECTION = re.compile(r"^#?\[\[?([a-z.]+)\]\]?$", re.MULTILINE)


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> str:
    assert run_command(["config", "--example"]) == 0
    return capsys.readouterr().out


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "till.toml"


def options_of(text: str) -> set[str]:
    """Each option that stands there, commented out or not, with its section."""
    found: set[str] = set()
    section = ""
    for line in text.splitlines():
        if (head := SECTION.fullmatch(line)) is not None:
            section = head[1]
        elif (option := re.match(r"#?([a-z_]+) = ", line)) is not None:
            found.add(f"{section}.{option[1]}")
    return found


def declared(kind: type[msgspec.Struct], within: str = "") -> set[str]:
    """Each option of ``config.py``, by the source of its classes."""
    found: set[str] = set()
    for name in kind.__struct_fields__:
        inner = [
            one
            for one in SECTIONS.values()
            if re.search(rf"\b{one.__name__}\b", str(kind.__annotations__[name]))
        ]
        found |= declared(inner[0], f"{within}{name}.") if inner else {f"{within}{name}"}
    return found


def test_it_has_every_option(shown: str) -> None:
    assert options_of(shown) == declared(config.Config) - {"file"}
    assert len(options_of(shown)) > 60


def test_it_loads_and_says_no_more_than_the_defaults(shown: str, file: Path) -> None:
    file.write_text(shown, "utf-8")
    found = load(file)
    assert found.terminal == config.Terminal(
        merchant_id="898310012340001",
        terminal_id="12345678",
        merchant_name="示例商店",
        data_dir="/var/lib/pos-terminal",
    )
    assert found.policy == Policy()
    assert found.retention == config.Retention()
    assert found.display == config.Display()
    assert found.acquirer.tls is not None
    assert found.sales_home is not None
    assert found.scanner == config.Scanner(device=found.scanner.device if found.scanner else "")


def test_every_option_loads_with_the_value_that_stands_there(shown: str, file: Path) -> None:
    whole = re.sub(r"^#(\[|[a-z_]+ = )", r"\1", shown, flags=re.MULTILINE)
    assert whole.count("\n#[") == 0
    # where others have a home, "all" can't be one's own
    file.write_text(whole.replace('home = "all"', "home = []"), "utf-8")
    found = load(file)
    assert [one.place for one in found.sales.elsewhere] == ["二楼服务台"]
    assert found.acquirer.repeat == "never"
    raw = tomllib.loads(file.read_text("utf-8"))
    assert {f"{name}" for name in raw} == set(config.Config.__struct_fields__) - {"file"}


@pytest.mark.parametrize(
    ("section", "option"),
    [("terminal", "language"), ("scanner", "layout"), ("printer", "paper"), ("display", "backend")],
)
def test_the_default_that_stands_there_is_the_default(
    shown: str, section: str, option: str
) -> None:
    (line,) = re.findall(rf"^\[{section}\]$.*?^#{option} = (.*?)$", shown, re.MULTILINE | re.DOTALL)
    kind: Any = {"terminal": config.Terminal, "scanner": config.Scanner,
                 "printer": config.Printer, "display": config.Display}[section]  # fmt: skip
    field = next(one for one in msgspec.structs.fields(kind) if one.name == option)
    assert tomllib.loads(f"x = {line}")["x"] == field.default


def test_every_line_is_one_that_people_can_read(shown: str) -> None:
    assert max(map(len, shown.splitlines())) <= 100
    assert "`" not in shown
    for one in parts():
        for option in one.options:
            assert len(option.meaning.split()) > 1, option.name


def test_a_command_without_example_says_what_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as caught:
        run_command(["config"])
    assert caught.value.code == 2
    assert "--example" in capsys.readouterr().err

"""What the README tells somebody to type is there, and so is what it shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, get_type_hints

from pos_terminal.cli.main import COMMANDS
from pos_terminal.config import Display

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text("utf-8")
TYPED: Final = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
CELL: Final = (8, 16)
"""Pixels of a character on a panel."""


def test_each_command_is_one_and_none_is_missing() -> None:
    told = re.findall(r"^pos-terminal ([a-z-]+)", TYPED, re.MULTILINE)
    assert told
    assert set(told) <= set(COMMANDS)
    assert set(COMMANDS) - set(told) == {"purge", "explain"}, "say it there, or name it here"


def test_each_target_of_make_is_one() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE))
    assert {"demo", "test", "help"} <= told <= targets


def test_what_needs_root_is_what_the_set_up_asks_root_for() -> None:
    setup = (ROOT / ".ci" / "setup").read_text("utf-8")
    packages = re.search(r'^packages="(.*?)"', setup, re.DOTALL | re.MULTILINE)
    told = re.search(r"^apt-get install -y --no-install-recommends (.*)$", TYPED, re.MULTILINE)
    assert packages is not None
    assert told is not None
    assert told[1].split() == packages[1].split()
    asked = re.findall(r"as_root (?:env \S+ \\\s+)?(\S+ \S+)", setup)
    assert asked == ["apt-get update", "apt-get install", "install -d"], "root does no more"
    assert "install -d /run/pcscd" in TYPED


def test_a_terminal_gets_what_the_set_up_builds_with_and_every_file_to_its_place() -> None:
    """Or pip compiles nothing on a machine that had no set-up. Each file's head names its place."""
    setup = (ROOT / ".ci" / "setup").read_text("utf-8")
    packages = re.search(r'^packages="(.*?)"', setup, re.DOTALL | re.MULTILINE)
    (told,) = re.findall(
        r"^apt-get install -y --no-install-recommends ((?!.*swtpm).*)$", TYPED, re.M
    )
    assert packages is not None
    for_tests = {"umockdev", "swtpm", "strace"}
    assert set(told.split()) == set(packages[1].split()) - for_tests
    installed = dict(re.findall(r"^install -m 644 (systemd/\S+) (\S+)$", TYPED, re.M))
    assert installed
    for file, place in installed.items():
        head = (ROOT / file).read_text("utf-8").partition("\n\n")[0]
        assert re.search(rf"To {re.escape(place)}[.;\s]", head), file
    left = {path.name for path in (ROOT / "systemd").iterdir()} - {
        Path(one).name for one in installed
    }
    assert left == {"console.conf", "network.conf", "pos-terminal.polkit", "tpm.conf"}, "depend"


def test_the_smallest_display_is_what_the_configuration_takes() -> None:
    hints = get_type_hints(Display, include_extras=True)
    columns, rows = (hints[name].__metadata__[0].ge for name in ("columns", "rows"))
    pixels = f"{columns * CELL[0]} × {rows * CELL[1]}"
    assert f"{columns} columns and {rows} rows at least ({pixels} pixels" in README
    assert f"{columns} 列 {rows} 行({pixels} 像素" in README


def test_each_picture_is_there_and_small() -> None:
    shown = re.findall(r'<img src="([^"]+)"', README)
    assert len(shown) == 3
    assert sum((ROOT / name).stat().st_size for name in shown) < 40_000

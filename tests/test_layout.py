"""Both distributions list their packages by name: held against the folders."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def listed(setup: Path) -> set[str]:
    parser = configparser.ConfigParser()
    parser.read(setup, "utf-8")
    return set(parser["options"]["packages"].split())


def packages(root: Path) -> set[str]:
    """Dotted names of all packages from ``root`` (itself a package) downwards."""
    found = (init.parent for init in root.rglob("__init__.py"))
    return {".".join(folder.relative_to(root.parent).parts) for folder in found}


@pytest.mark.parametrize(
    ("setup", "roots"),
    [
        ("setup.cfg", ["pos_terminal", "drivers/pos_drivers"]),
        ("hw-sim/setup.cfg", ["hw-sim/hw_sim"]),
    ],
)
def test_package_lists_are_the_folders(setup: str, roots: list[str]) -> None:
    on_disk = set().union(*(packages(PROJECT / root) for root in roots))
    assert listed(PROJECT / setup) == on_disk


@pytest.mark.parametrize("root", ["pos_terminal", "drivers/pos_drivers", "hw-sim/hw_sim"])
def test_every_folder_with_modules_is_a_package(root: str) -> None:
    folders = {path.parent for path in (PROJECT / root).rglob("*.py")}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]


@pytest.mark.parametrize("folder", ["drivers", "hw-sim", "tests"])
def test_no_package_where_one_would_shadow(folder: str) -> None:
    assert not (PROJECT / folder / "__init__.py").exists()


def test_no_package_under_tests() -> None:
    assert not list((PROJECT / "tests").rglob("__init__.py"))


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (PROJECT / "tests").rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)


def test_data_files_are_packaged() -> None:
    parser = configparser.ConfigParser()
    parser.read(PROJECT / "setup.cfg", "utf-8")
    with_data = {
        ".".join(path.parent.relative_to(PROJECT).parts)
        for path in (PROJECT / "pos_terminal").rglob("*.toml")
    }
    assert with_data <= set(parser["options.package_data"])

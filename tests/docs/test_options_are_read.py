"""No option of ``terminal.toml`` or of a profile is without effect: the product reads each."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from worlds.option_sections import SECTIONS as ALL_SECTIONS

from pos_terminal.option_section import Section
from pos_terminal.wire.iso8583 import profile

ROOT = Path(__file__).parents[2]


def sections(module: Any) -> list[type]:
    """Each kind of section that a module has."""
    found = [one for one in vars(module).values() if isinstance(one, type)]
    return [one for one in found if issubclass(one, module.Section) and one is not module.Section]


SECTIONS, TABLES = list(ALL_SECTIONS.values()), sections(profile)
HELD_AS = {
    "readers": {"reader"},
    "reader": {"contact", "tap", "reader"},
    "controlclasses": {"classes"},
    "headerrule": {"rule", "header"},
    "framerule": {"frame"},
    "fieldrule": {"rule"},
    "messagerule": {"rule", "r", "messages"},
    "keypiece": {"piece"},
    "keyrule": {"keys"},
    "phrase": {"one"},
    "calendardays": {"calendar"},
}
"""Under which other names than its own a section goes."""


def reads(source: str) -> set[tuple[str, str]]:
    """(what it is read from, option) of every attribute that is read: ``config.printer.port``
    gives ("printer", "port"), and ``self.paper`` within class Printer ("printer", "paper")."""
    found: set[tuple[str, str]] = set()

    def visit(node: ast.AST, owner: str) -> None:
        if isinstance(node, ast.ClassDef):
            owner = node.name
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            match node.value:
                case ast.Name(id="self"):
                    found.add((owner.lower(), node.attr))
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    found.add((name.strip("_").lower(), node.attr))
                case ast.Subscript(value=ast.Attribute(attr=name)):
                    found.add((name.strip("_").lower(), node.attr))
        for child in ast.iter_child_nodes(node):
            visit(child, owner)

    visit(ast.parse(source), "")
    return found


def unread(section: type[msgspec.Struct], found: set[tuple[str, str]]) -> list[str]:
    name = section.__name__.lower()
    names = {name} | HELD_AS.get(name, set())
    return [f for f in section.__struct_fields__ if not any((n, f) in found for n in names)]


@cache
def product() -> set[tuple[str, str]]:
    """What the product reads. Not at import: each process that runs tests imports this file."""
    return {
        read
        for folder in ("pos_terminal", "drivers")
        for file in (ROOT / folder).rglob("*.py")
        for read in reads(file.read_text("utf-8"))
    }


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_every_option_is_read(section: type[msgspec.Struct]) -> None:
    assert unread(section, product()) == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_option_of_a_profile_is_read(table: type[msgspec.Struct]) -> None:
    assert unread(table, product()) == []


def test_an_option_that_nobody_reads_is_found() -> None:
    class Printer(Section, frozen=True):
        port: str
        ribbon: str
        paper: int

    source = "class Printer:\n def columns(self): return self.paper\n\nopen(config.printer.port)"
    assert unread(Printer, reads(source)) == ["ribbon"]
    assert unread(Printer, reads(source + "\nconfig.keypad.ribbon")) == ["ribbon"]
    assert unread(Printer, reads(source + "\nprinter.ribbon = 1")) == ["ribbon"]

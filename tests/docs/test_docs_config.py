"""The documentation names every option and every rule, and its examples load."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from worlds.option_sections import SECTIONS as ALL_SECTIONS

from pos_terminal import __version__, config
from pos_terminal.core.rules.book import ALL, make_book
from pos_terminal.policy_options import Policy

DOCS = Path(__file__).parents[2] / "docs"
RULES = (DOCS / "rules.md").read_text("utf-8")
CONFIGURATION = (DOCS / "configuration.md").read_text("utf-8")

SECTIONS = [one for one in ALL_SECTIONS.values() if one not in (config.Config, config.Readers)]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_every_option_is_documented(section: type[msgspec.Struct]) -> None:
    missing = [f for f in section.__struct_fields__ if f"`{f}`" not in CONFIGURATION]
    assert missing == []


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_every_rule_is_documented_with_its_defaults(rule: Any) -> None:
    (row,) = [line for line in RULES.splitlines() if line.startswith(f"| `{rule.name}` |")]
    for field in msgspec.structs.fields(rule.params):
        if field.name == "enabled" or field.default is msgspec.NODEFAULT:
            continue
        assert f"`{field.name} = {field.default}`" in row


def test_the_examples_load() -> None:
    examples = re.findall(r"```toml\n(.*?)```", RULES, re.DOTALL)
    assert examples
    for example in examples:
        policy = msgspec.convert(tomllib.loads(example)["policy"], Policy)
        make_book(policy.rules)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    root = DOCS.parent
    named = re.findall(r"`((?:pos_terminal|drivers|hw-sim|tests|systemd|docs)/[\w./-]*)`", text)
    missing = [name for name in named if not (root / name).exists()]
    assert missing == []
    for link in re.findall(r"\]\((?!https?:)([\w./-]+\.md)(?:#[\w-]*)?\)", text):
        assert (page.parent / link).exists(), link


def test_the_readme_leads_to_every_page() -> None:
    linked = re.findall(r"\]\(docs/([\w.-]+\.md)\)", (DOCS.parent / "README.md").read_text("utf-8"))
    assert sorted(linked) == sorted(page.name for page in DOCS.glob("*.md"))


def test_the_changelog_knows_this_version() -> None:
    changelog = (DOCS.parent / "CHANGELOG.md").read_text("utf-8")
    newest = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    assert __version__ == next(one for one in newest if one != "Unreleased")

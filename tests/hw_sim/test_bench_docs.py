"""docs/bench.md names every verb, every mode and every prompt that scripts rely on."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest
from hw_sim.acquirer.faults import MODES
from hw_sim.cli import parser
from hw_sim.printer.device import CABLES, MECHANISM
from hw_sim.printer.models import MODELS

TEXT = (Path(__file__).parents[2] / "docs" / "bench.md").read_text("utf-8")
PROMPTS = [
    *("login.number", "login.pin", "home", "sale", "refund.amount", "refund.reason"),
    *("supervisor.number", "supervisor.pin", "card.present", "card.remove", "host.wait", "result"),
]


def subparsers(of: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


@pytest.mark.parametrize("verb", sorted(subparsers(parser())))
def test_every_verb_is_there(verb: str) -> None:
    assert re.search(rf"(?m)^(## )?(\| )?`?{verb}\b|`{verb}[ `]", TEXT)


@pytest.mark.parametrize("option", subparsers(parser())["up"]._option_string_actions)
def test_every_option_of_up_is_there(option: str) -> None:
    assert option in ("-h", "--help") or f"`{option}" in TEXT


@pytest.mark.parametrize("mode", ["normal", *MODES])
def test_every_mode_of_the_acquirer_is_there(mode: str) -> None:
    assert re.search(rf"`{mode}(:[A-Z]+)?`", TEXT)


def test_no_mode_is_promised_that_is_not_there() -> None:
    table = TEXT.split("| mode | |")[1].split("\n\n")[0]
    named = {name.partition(":")[0] for name in re.findall(r"`([^`]+)`", table)}
    assert named == {"normal", *MODES}


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_prompt_is_there(prompt: str) -> None:
    assert f"`{prompt}`" in TEXT


def test_what_the_printer_can_do_is_told_and_taken_from_the_shell() -> None:
    (rows,) = re.findall(r"(?m)((?:^\| `printer DIR .*\n)+)", TEXT)
    first = [row.split(" | ")[0] for row in rows.splitlines()]
    told = {
        name.removeprefix("printer DIR ") for one in first for name in re.findall("`(.*?)`", one)
    }
    told.remove("WHAT --after ROWS")
    assert told == {*MECHANISM, *CABLES, "model NAME"}
    assert all(f"`{name}`" in rows for name in MODELS)
    for words in told:
        taken = parser().parse_args(["printer", "DIR", *words.split(), "--after", "3"])
        assert (taken.words, taken.after) == (words.split(), 3)

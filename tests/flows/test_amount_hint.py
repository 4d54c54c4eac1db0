"""What is said about typing an amount holds for the currency that is typed."""

from __future__ import annotations

import re

import pytest

from pos_terminal.core.money import format_amount
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.texts import Language, render
from pos_terminal.ui.ask import money_entry
from pos_terminal.ui.point import units


@pytest.mark.parametrize("goods", [False, True])
@pytest.mark.parametrize("currency", ["156", "840", "392", "414", "990"])
@pytest.mark.parametrize("language", Language)
def test_its_examples_are_what_is_shown(currency: str, goods: bool, language: Language) -> None:
    hint = amount_hint(currency, goods=goods)
    said = "" if hint is None else render(hint, language)
    examples = re.findall(r"([0-9.]+)=([0-9.]+)", said)
    assert len(examples) == (0 if currency == "392" else 2)
    for typed, shown in examples:
        entry = money_entry(0, currency)
        assert entry.show(units(typed, entry.decimals)) == shown
        assert format_amount(int(units(typed, entry.decimals)), currency) == shown
    assert bool(re.search("MENU|菜单", said)) is goods

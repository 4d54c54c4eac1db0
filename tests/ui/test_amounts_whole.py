"""No amount is cut, whatever text it stands in and however narrow the screen is.

What the flows put together is watched in ``tests/flows/conftest.py``; here are all texts by
themselves, and the largest numbers that there are.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds.whole_amounts import LARGEST, WHOLE, WITHOUT_WIDTH

from pos_terminal.core.money import MAX_AMOUNT, with_symbol
from pos_terminal.core.words import say
from pos_terminal.texts import Language, catalogue, render
from pos_terminal.ui.ask import MOST_OF_MONEY, large, money_entry
from pos_terminal.ui.page import Line, Page, lay_out

LEDGERS_MOST = 2**63 - 1
"""The largest whole number of an SQLite table: what a sum may come to."""
YUAN, YEN, DINAR = "156", "392", "414"
FIGURE = re.compile(r"[0-9.]+")


def told(page: Page, columns: int) -> str:
    return "\n".join(row.text for row in lay_out(page, columns, WHOLE, Language.ZH_CN).rows)


@pytest.mark.parametrize("columns", [20, 21, 32, 40])
@pytest.mark.parametrize("language", Language)
def test_every_text_shows_the_largest_amount_in_its_figures(
    language: Language, columns: int
) -> None:
    seen = 0
    for code, entry in catalogue().items():
        names = set(re.findall(r"{(\w+)}", entry[language.column]))
        words = say(code, **dict.fromkeys(names, LARGEST[0]))
        count = render(words, language).count(LARGEST[0])
        for page in (
            Page("p", say("flows.home"), (Line(words),)),
            Page("p", say("flows.home"), (Line(words, large=True),)),
            Page("p", say("flows.home"), hint=words),
        ):
            rows = lay_out(page, columns, WHOLE, language).rows
            assert sum(row.text.count(LARGEST[0]) for row in rows) == count, code
        seen += count
    assert seen > 100


@given(
    st.text(max_size=40),
    st.sampled_from([MAX_AMOUNT, LEDGERS_MOST, 1]),
    st.sampled_from([YUAN, YEN, DINAR]),
    st.integers(20, 48),
    st.booleans(),
)
def test_no_label_takes_anything_from_its_amount(
    label: str, amount: int, currency: str, columns: int, is_large: bool
) -> None:
    label = "".join(char for char in label if not FIGURE.match(char)) + WITHOUT_WIDTH
    value = with_symbol(amount, currency)
    line = large(label, value) if is_large else Line(label, value)
    shown = told(Page("p", say("flows.home"), (line,)), columns)
    if len(value) <= columns:
        assert value in shown
    else:
        assert "".join(FIGURE.findall(shown)) == FIGURE.findall(value)[0]


@pytest.mark.parametrize("currency", [YUAN, YEN, DINAR])
def test_the_largest_amount_is_seen_while_it_is_typed(currency: str) -> None:
    entry = money_entry(1, currency)
    typed = entry.show("9" * MOST_OF_MONEY)
    page = Page("p", say("flows.home"), entry=typed, large_entry=True)
    assert f"> {typed}_" in told(page, 20)

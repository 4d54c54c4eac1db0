"""What has no width is gone before anything is measured, and what is measured has its width."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.core import cells

ANY = st.text(st.characters(categories=["L", "M", "N", "P", "S", "Z", "C"]), max_size=40)
"""Any code point at all, halves of surrogate pairs, unassigned and private ones included."""


@given(ANY)
def test_every_character_that_is_left_takes_its_cells_and_steers_nothing(text: str) -> None:
    seen = cells.seen(text)
    assert cells.seen(seen) == seen
    for char in seen:
        assert unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Cn", "Co", "Mn", "Me"}
        assert unicodedata.combining(char) == 0
    wide = sum(unicodedata.east_asian_width(char) in ("W", "F") for char in seen)
    assert cells.width(text) == len(seen) + wide
    seen.encode()  # a surrogate could not be sent to a terminal


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("¥\u200b12\u200d.00", "¥12.00"),
        ("\u202e12.00\u202c", "12.00"),
        ("\u200e\u200f\u2066a\u2069\ufeff", "a"),
        ("cafe\u0301", "café"),
        ("1\u20dd2\ufe0f", "12"),
        ("a\x1b[2Jb\x07\tc\r\nd", "a[2Jb c  d"),
        ("红\u3000茶\u00a0", "红  茶 "),
        ("\ue000\U000e0001\ud800", "??"),
        ("\u1160x", "x"),
    ],
)
def test_what_is_seen(text: str, seen: str) -> None:
    assert cells.seen(text) == seen


@given(ANY, st.integers(20, 48), st.sampled_from([1, 2]))
def test_an_amount_stands_whole_at_the_end_of_its_row(label: str, columns: int, wide: int) -> None:
    amount = "¥9999999999.99"
    row = cells.both_ends(label, amount, columns, wide)
    assert row.endswith(amount)
    assert cells.width(row, wide) == columns


@pytest.mark.parametrize("columns", range(14, 40))
def test_a_row_breaks_before_an_amount_and_not_within_it(columns: int) -> None:
    rows = cells.wrap("a/b/c/¥9999999999.99/d/¥9999999999.99", columns)
    assert sum(row.count("¥9999999999.99") for row in rows) == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("12345", "12345"),
        ("123456", "…3456"),
        ("退款12345", "…2345"),
        ("1退款", "1退款"),
        ("ab退款", "…退款"),
    ],
)
def test_what_is_typed_is_seen_from_its_end(text: str, shown: str) -> None:
    assert cells.clip_left(text, 5) == shown

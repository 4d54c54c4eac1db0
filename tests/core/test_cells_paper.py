"""Cells on paper: ambiguous characters are wide, and no row begins with closing punctuation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.core import cells


@pytest.mark.parametrize(("ambiguous", "columns"), [(1, 5), (2, 7)])
def test_ambiguous_characters_are_as_wide_as_the_printer_has_them(
    ambiguous: int, columns: int
) -> None:
    assert cells.width("a…中×", ambiguous) == columns


def test_no_row_begins_with_closing_punctuation() -> None:
    assert cells.wrap("结果未知，请勿重复", 8, 2) == ["结果未", "知，请勿", "重复"]


@pytest.mark.parametrize("columns", range(12, 44))
def test_what_is_tied_stays_on_one_row(columns: int) -> None:
    """A reminder's keys: whoever reads them presses them."""
    told = "Cases due: 12 (MENU\u00a04\u00a01)"
    rows = cells.wrap(told, columns)
    assert any("(MENU 4 1)" in row for row in rows)
    assert any("单 4 1" in row for row in cells.wrap("12 笔差错待处理 菜单\u00a04\u00a01", columns))
    assert " ".join(rows) == told.replace("\u00a0", " ")


@given(
    st.text(alphabet="ab 中文，。…（）\n", max_size=60), st.integers(4, 20), st.sampled_from([1, 2])
)
def test_wrapping_loses_nothing_but_blanks_and_fits(text: str, columns: int, wide: int) -> None:
    rows = cells.wrap(text, columns, wide)
    assert all(cells.width(row, wide) <= columns for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "").replace("\n", "")

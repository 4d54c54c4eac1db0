"""Twice as high and wide where there is room for it, and at no other line's cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pos_terminal.core import cells
from pos_terminal.core.words import say
from pos_terminal.ports import Frame, Row, Style
from pos_terminal.texts import Language
from pos_terminal.ui.ask import large
from pos_terminal.ui.page import Line, Page, body_overflow, lay_out

CARD = Page(
    "card.present",
    say("flows.present_card"),
    (large("金额", "¥81.40"), Line("请取走卡片", large=True)),
    hint=say("flows.cancel_hint"),
)


def enlarged(frame: Frame) -> list[str]:
    return [row.large for row in frame.rows if row.large]


def test_a_label_and_its_amount_are_large_at_both_ends_and_cover_the_row_beneath() -> None:
    rows = lay_out(CARD, 40, 15, Language.ZH_CN).rows
    assert rows[1] == Row("金额" + " " * 30 + "¥81.40", Style.ALERT, "金额" + " " * 10 + "¥81.40")
    assert rows[2] == Row("", Style.ALERT)
    assert rows[3].large == "请取走卡片"
    assert rows[4] == Row("")


def test_on_a_narrow_screen_the_amount_is_large_beneath_its_label() -> None:
    rows = lay_out(replace(CARD, lines=(large("可退金额", "¥81.40"),)), 20, 8, Language.ZH_CN).rows
    assert [row.text for row in rows[1:4]] == ["可退金额", " " * 14 + "¥81.40", ""]
    assert rows[2].large == "    ¥81.40"


def test_an_amount_too_wide_to_be_large_is_whole_in_one_row() -> None:
    rows = lay_out(replace(CARD, lines=(large("金额", "¥12345678.90"),)), 20, 8, Language.EN).rows
    assert rows[1] == Row("金额    ¥12345678.90", Style.ALERT)
    assert rows[2] == Row("")


def test_a_text_may_take_two_large_rows_and_is_told_whole_by_the_first() -> None:
    asked = Line("Insert or tap the card", large=True)
    frame = lay_out(replace(CARD, lines=(asked,)), 40, 15, Language.EN)
    assert [(row.text, row.large) for row in frame.rows[1:5]] == [
        ("Insert or tap the card", "Insert or tap the"),
        ("", ""),
        ("", "card"),
        ("", ""),
    ]
    assert frame.texts()[1:3] == ["Insert or tap the card", ""]
    three = Line("Insert or tap the card, and then wait", large=True)
    assert not enlarged(lay_out(replace(CARD, lines=(three,)), 30, 15, Language.EN))


@pytest.mark.parametrize(("rows", "count"), [(15, 2), (6, 2), (5, 1), (4, 0)])
def test_what_stands_first_is_large_first(rows: int, count: int) -> None:
    assert len(enlarged(lay_out(CARD, 40, rows, Language.ZH_CN))) == count


@pytest.mark.parametrize(("entry", "shown"), [("12.34", "> 12.34_"), ("1234567.89", "")])
def test_an_amount_that_is_typed_is_large_and_nothing_jumps(entry: str, shown: str) -> None:
    page = replace(CARD, lines=(), entry=entry, large_entry=True)
    rows = lay_out(page, 20, 8, Language.ZH_CN).rows
    assert rows[5] == Row(f"> {entry}_", Style.CHOSEN, shown)
    assert rows[6] == Row("", Style.CHOSEN)


def test_the_title_is_large_last() -> None:
    page = replace(CARD, large_title=True)
    assert lay_out(page, 40, 7, Language.ZH_CN).rows[0].large == "请出示原卡".ljust(15)
    assert not lay_out(page, 40, 6, Language.ZH_CN).rows[0].large


LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(["金额", "请取走卡片", "a longer line of words, which goes on", ""]),
        st.sampled_from(["", "¥81.40", "¥9999999999.99"]),
        st.sampled_from(Style),
        st.booleans(),
    ),
    max_size=12,
).map(tuple)


@given(LINES, st.none() | st.just("12.34"), st.integers(20, 48), st.integers(8, 20), st.booleans())
def test_large_rows_hide_nothing_and_are_two_rows_of_half_the_width(
    lines: tuple[Line, ...], entry: str | None, columns: int, rows: int, title: bool
) -> None:
    page = replace(CARD, lines=lines, entry=entry, large_entry=True, large_title=title)
    frame = lay_out(page, columns, rows, Language.EN)
    small = replace(
        page,
        lines=tuple(replace(line, large=False) for line in lines),
        large_entry=False,
        large_title=False,
    )
    plain = lay_out(small, columns, rows, Language.EN)
    hidden = body_overflow(page, columns, rows, Language.EN)
    assert hidden == body_overflow(small, columns, rows, Language.EN)
    assert len(frame.rows) == rows
    assert hidden == 0 or not any(row.large for row in frame.rows[:-3])
    text = "".join(row.text for row in frame.rows).replace(" ", "")
    assert text == "".join(row.text for row in plain.rows).replace(" ", "")
    for number, row in enumerate(frame.rows):
        if row.large:
            assert cells.width(row.large) <= columns // 2
            assert frame.rows[number + 1] == Row("", row.style)
            assert not frame.rows[number + 1].large


def test_a_large_row_is_told_once() -> None:
    frame = lay_out(CARD, 40, 15, Language.ZH_CN)
    assert frame.texts()[:4] == ["请出示原卡", "金额" + " " * 30 + "¥81.40", "请取走卡片", ""]
    assert len(frame.texts()) == 13

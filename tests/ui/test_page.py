"""Pages in cells: Hanzi take two, nothing is wider than the screen, the hint is in sight."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pos_terminal import texts
from pos_terminal.core import cells
from pos_terminal.core.words import Words, say
from pos_terminal.ports import Style
from pos_terminal.texts import Language, render
from pos_terminal.ui.page import Line, Page, body_overflow, lay_out, turned

TEXT = st.text(st.sampled_from("abc XYZ0129,.退货撤销金额（）…¥é\u0301\n"), min_size=0, max_size=80)


@given(
    lines=st.lists(st.tuples(TEXT, TEXT), max_size=12),
    entry=st.none() | TEXT.map(lambda text: text.replace("\n", "")),
    columns=st.integers(20, 48),
    rows=st.integers(8, 20),
    top=st.integers(0, 50),
    language=st.sampled_from(Language),
)
def test_every_page_fits_the_screen(  # noqa: PLR0917
    lines: list[tuple[str, str]],
    entry: str | None,
    columns: int,
    rows: int,
    top: int,
    language: Language,
) -> None:
    body = tuple(Line(words, value.replace("\n", "")) for words, value in lines)
    page = Page("p", say("flows.home"), body, entry=entry, hint=say("flows.sale_hint"), top=top)
    frame = lay_out(page, columns, rows, language, [say("flows.stopped")])
    assert len(frame.rows) == rows
    assert all(cells.width(row.text) <= columns for row in frame.rows)
    assert frame.rows[0].style is Style.TITLE


def test_a_value_stands_at_the_right_end() -> None:
    page = Page("p", say("flows.home"), (Line("金额", "¥12.00"),))
    row = lay_out(page, 20, 8, Language.ZH_CN).rows[1].text
    assert row == "金额" + " " * 10 + "¥12.00"
    assert cells.width(row) == 20


@pytest.mark.parametrize(
    ("title", "status", "shown"),
    [("flows.not_refunded", ("devices.host_down",), "Not refunded       !"),
     ("flows.hand_over", ("devices.host_silent", "devices.printer"), "Hand over cash     !"),
     ("flows.supervisor", ("devices.printer", "devices.more"), "Supervisor         !"),
     ("flows.login", ("devices.host_down",), "Log in      !offline"),
     ("flows.typed_wrong", (), "Typed wrong         "),
     ("flows.typed_wrong", ("devices.host_down",), "Typed wrong        !")],
)  # fmt: skip
def test_a_title_is_readable_beside_its_marks(
    title: str, status: tuple[str, ...], shown: str
) -> None:
    marks = [say(one, count=1) for one in status]
    page = Page("p", say(title), (Line("x"),))
    assert lay_out(page, 20, 8, Language.EN, marks).rows[0].text == shown
    many = Page("p", say(title), tuple(Line(f"row {n}") for n in range(30)), top=1)
    row = lay_out(many, 20, 8, Language.EN, marks).rows[0].text
    assert row.split(" ")[:2] == shown.split(" ")[:2]
    assert row.endswith("↑↓")


def test_titles_stand_whole_on_the_narrowest_screen() -> None:
    """Whatever is broken, on a page that need not be scrolled: all texts that flows write there as
    a page's title, in both languages."""
    found = _titles()
    assert "flows.hand_over" in found
    for code in found:
        for words in (texts.catalogue()[code]["zh"], texts.catalogue()[code]["en"]):
            assert cells.width(words) + cells.width(" !") <= 20, (code, words)


def _titles() -> set[str]:
    """By the source: the second argument of a page."""
    found: set[str] = set()
    for path in Path(texts.__file__).parents[1].joinpath("flows").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            match call:
                case ast.Call(func=ast.Name("Page"), args=[_, title, *_]):
                    whole = (one for one in ast.walk(title) if isinstance(one, ast.Constant))
                    found |= {str(one.value) for one in whole}
    return found & set(texts.catalogue())


def tops(page: Page, rows: int, *, down: bool, columns: int = 20) -> list[int]:
    """The first rows that are in sight, from where it is to where it turns no further."""
    found = [page.top]
    while (top := turned(replace(page, top=found[-1]), down, columns, rows, Language.EN)) != found[
        -1
    ]:
        found.append(top)
    return found


def test_a_small_screen_turns_whole_lines_and_leaves_none_out() -> None:
    """Five rows of the body; every second line has its value beneath it."""
    lines = tuple(Line("a name of 16 wide", "1234.56" if n % 2 else "") for n in range(6))
    page = Page("p", say("flows.home"), lines, hint=say("ui.enter"))
    rows = 7
    assert body_overflow(page, 20, rows, Language.EN) == 4, "nine rows"
    down = tops(page, rows, down=True)
    assert down == [0, 4], "to the fourth line, which began above the edge, and the end"
    assert tops(replace(page, top=4), rows, down=False) == [4, 0]
    long = replace(page, lines=tuple(Line(f"row {n}") for n in range(23)))
    assert tops(long, rows, down=True) == [0, 5, 10, 15, 18]
    assert tops(replace(long, top=18), rows, down=False) == [18, 13, 8, 3, 0]


def test_a_larger_screen_turns_a_row() -> None:
    page = Page("p", say("flows.home"), tuple(Line(f"row {n}") for n in range(12)))
    assert tops(page, 9, down=True) == [0, 1, 2, 3, 4]
    assert tops(replace(page, top=4), 9, down=False) == [4, 3, 2, 1, 0]


@given(
    lines=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=12),
    rows=st.integers(4, 12),
    columns=st.integers(20, 40),
)
def test_every_row_comes_in_sight_whichever_way_it_is_turned(
    lines: list[tuple[str, str]], rows: int, columns: int
) -> None:
    body = tuple(Line(words, value.replace("\n", "")) for words, value in lines)
    page = Page("p", say("flows.home"), body)
    room = rows - 1
    hidden = body_overflow(page, columns, rows, Language.EN)
    down = tops(page, rows, down=True, columns=columns)
    up = tops(replace(page, top=hidden), rows, down=False, columns=columns)
    for places in (down, up):
        seen = {row for top in places for row in range(top, top + room)}
        assert set(range(hidden + room)) <= seen


def test_a_long_page_scrolls_to_its_end_and_no_further() -> None:
    page = Page("p", say("flows.home"), tuple(Line(f"row {n}") for n in range(30)), top=99)
    frame = lay_out(page, 20, 8, Language.EN)
    assert frame.rows[-1].text == "row 29"
    assert body_overflow(page, 20, 8, Language.EN) == 23


@pytest.mark.parametrize(("top", "mark"), [(0, "↓"), (1, "↑↓"), (22, "↑↓"), (23, "↑"), (99, "↑")])
def test_what_is_out_of_sight_is_marked_in_the_title_row(top: int, mark: str) -> None:
    page = Page("p", say("flows.home"), tuple(Line(f"row {n}") for n in range(30)), top=top)
    title = lay_out(page, 20, 8, Language.EN, [say("devices.host_down")]).rows[0].text
    assert title.endswith(f" !offline {mark}")
    assert title.startswith("Refunds"[: 20 - len(f" !offline {mark}")])


@pytest.mark.parametrize("top", [0, 3, 99])
def test_what_is_asked_stays_above_the_entry_however_long_the_page_is(top: int) -> None:
    lines = (*(Line(f"row {n}") for n in range(9)), Line("Supervisor's number or badge"))
    page = Page("p", say("flows.home"), lines, entry="20", hint=say("flows.cancel_hint"), top=top)
    rows = [row.text.rstrip() for row in lay_out(page, 20, 8, Language.EN).rows]
    asked = ["Supervisor's number", "or badge", "> 20_", "CANCEL: give up"]
    first = min(top, 9 - 3)
    assert rows[1:] == [*(f"row {n}" for n in range(first, first + 3)), *asked]


def test_a_page_that_fits_has_no_mark() -> None:
    page = Page("p", say("flows.home"), tuple(Line(f"row {n}") for n in range(7)))
    assert lay_out(page, 20, 8, Language.EN).rows[0].text.rstrip() == "Refunds"


@pytest.mark.parametrize("chosen", [0, 6, 7, 29])
def test_the_chosen_line_is_in_sight(chosen: int) -> None:
    lines = tuple(Line(f"row {n}") for n in range(30))
    frame = lay_out(Page("p", say("flows.home"), lines, chosen=chosen), 20, 8, Language.EN)
    marked = [row.text for row in frame.rows if row.style is Style.CHOSEN]
    assert marked == [f"row {chosen}"]


def test_the_status_does_not_push_the_title_away() -> None:
    page = Page("p", say("flows.home"))
    row = lay_out(page, 20, 8, Language.ZH_CN, [say("flows.stopped")]).rows[0].text
    assert row.startswith("退款终端")
    assert row.endswith("暂停服务")


HINTS = sorted(
    f"{path.stem}.{name}"
    for path in Path(texts.__file__).parent.glob("*.toml")
    for name in tomllib.loads(path.read_text("utf-8"))
    if "_hint" in name or (path.stem, name) == ("flows", "thousandths")
)


def hint(key: str) -> Words:
    """With the figures of the example, in those that have one."""
    figures = {"minor": "1234", "major": "12.34", "typed": "5.5", "taken": "5.50"}
    return say(key, **figures) if key.startswith("flows.amount_hint") else say(key)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("columns", [20, 32, 40])
def test_a_hint_breaks_between_its_parts(columns: int, language: Language) -> None:
    assert "flows.sale_hint" in HINTS
    for key in HINTS:
        page = Page("p", say("flows.home"), hint=hint(key))
        shown = [row.text for row in lay_out(page, columns, 8, language).rows]
        for part in texts.render(hint(key), language).split("  "):
            if cells.width(part) <= columns:
                assert any(part in row for row in shown), (key, shown)


def test_the_parts_of_a_hint_share_a_row_where_they_fit() -> None:
    page = Page("p", say("flows.home"), hint=say("flows.sale_hint"))
    rows = [row.text for row in lay_out(page, 20, 8, Language.ZH_CN).rows]
    assert rows[-3:] == ["确认: 退款", "菜单: 更多", "取消: 返回"]
    rows = [row.text for row in lay_out(page, 22, 8, Language.ZH_CN).rows]
    assert rows[-2:] == ["确认: 退款  菜单: 更多", "取消: 返回"]


@pytest.mark.parametrize("language", Language)
def test_no_part_of_a_chinese_hint_is_cut_on_the_least_display(language: Language) -> None:
    for key in HINTS:
        for part in texts.render(hint(key), language).split("  "):
            longest = part if language is Language.ZH_CN else max(part.split(), key=len)
            assert cells.width(longest) <= 20, key


def titles() -> set[str]:
    """Texts that a page of a flow begins with."""
    found = set[str]()
    for path in sorted((Path(texts.__file__).parents[1] / "flows").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case (
                    ast.Call(ast.Name("Page"), [_, ast.Call(ast.Name("say"), said), *_])
                    | ast.Call(ast.Name("tell"), [_, _, ast.Call(ast.Name("say"), said), *_])
                    | ast.Assign([ast.Name("title" | "TITLE")], ast.Call(ast.Name("say"), said))
                ):
                    found |= {str(one.value) for one in said if isinstance(one, ast.Constant)}
    return found


@pytest.mark.parametrize("language", Language)
def test_no_title_is_cut_on_the_least_display(language: Language) -> None:
    """Two arrows and a blank stand behind it where a page is long."""
    cut = {code for code in titles() if cells.width(render(say(code), language)) > 20 - 3}
    assert len(titles()) > 40
    assert not cut

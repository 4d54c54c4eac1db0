"""What an ANSI terminal shows is the frame, whatever was shown before and however slow it is."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pty
import re
import subprocess
import sys
import tty
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pos_drivers.ansi_paint import (
    BOLD,
    OPEN,
    SGR,
    Screen,
    blank,
    knows_double_height,
    paint,
    screen_of,
)
from pos_drivers.display_ansi import AnsiDisplay
from pos_drivers.display_make import make_display
from worlds.stories import on_a_loop

from pos_terminal.core.cells import clip, pad
from pos_terminal.core.words import Failure
from pos_terminal.ports import DeviceState, Frame, InputEvent, Row, Style
from pos_terminal.texts import technician

COLUMNS, ROWS = 20, 8


def _load_vt() -> ModuleType:
    """The helper beside this file: tests are no package."""
    spec = importlib.util.spec_from_file_location("vt", Path(__file__).with_name("vt.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VT = _load_vt()
Terminal = VT.Terminal


def frame(*rows: str | Row, prompt: str = "home") -> Frame:
    made = [row if isinstance(row, Row) else Row(row) for row in rows]
    return Frame(COLUMNS, tuple(made), prompt)


def rows_of(shown: Frame) -> list[str]:
    texts = [row.text for row in shown.rows[:ROWS]] + [""] * (ROWS - len(shown.rows))
    return [pad(text, COLUMNS) for text in texts]


texts = st.text(st.sampled_from("ab01 退货款项￥.-é"), max_size=14)
frames = st.lists(st.builds(Row, texts, st.sampled_from(Style)), max_size=ROWS).map(
    lambda rows: Frame(COLUMNS, tuple(rows), "any")
)


@given(st.lists(frames, min_size=1, max_size=6))
def test_every_screen_reads_as_its_frame(shown: list[Frame]) -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed(OPEN)
    before: Screen = blank(COLUMNS, ROWS)
    for one in shown:
        after = screen_of(one, COLUMNS, ROWS)
        terminal.feed(paint(before, after))
        before = after
        assert terminal.text() == rows_of(one)
        for number, row in enumerate(one.rows):
            if row.style is not Style.PLAIN:
                assert terminal.styles(number) == {SGR[row.style][2:-1]}
        assert paint(before, after) == b""


larges = st.builds(Row, texts, st.sampled_from(Style), texts.map(lambda text: clip(text, 10)))


@given(
    st.lists(
        st.lists(st.one_of(larges, st.builds(Row, texts)), max_size=ROWS).map(
            lambda rows: Frame(COLUMNS, tuple(rows), "any")
        ),
        min_size=2,
        max_size=6,
    )
)
def test_a_large_row_is_two_lines_of_double_height(shown: list[Frame]) -> None:
    terminal = Terminal(COLUMNS, ROWS, double=True)
    terminal.feed(OPEN)
    before: Screen = blank(COLUMNS, ROWS)
    for one in shown:
        after = screen_of(one, COLUMNS, ROWS, double=True)
        terminal.feed(paint(before, after))
        before = after
        rows = iter(range(len(one.rows)))
        for number in rows:
            row = one.rows[number]
            if not row.large:
                assert terminal.lines[number] == VT.SINGLE
                assert terminal.text()[number] == pad(row.text, COLUMNS)
                continue
            assert terminal.lines[number] == VT.TOP
            assert terminal.text()[number].startswith(pad(row.large, COLUMNS // 2))
            if next(rows, None) is not None:
                assert terminal.lines[number + 1] == VT.BOTTOM
                assert terminal.text()[number + 1].startswith(pad(row.large, COLUMNS // 2))


def test_a_digit_of_a_large_row_costs_few_bytes() -> None:
    before, after = (
        screen_of(frame(Row(text, large=text), ""), COLUMNS, ROWS, double=True)
        for text in ("¥12.3", "¥12.4")
    )
    assert paint(before, after) == b"\x1b[1;5H\x1b[0m4\x1b[2;5H\x1b[0m4"


def test_where_no_line_is_of_double_height_a_large_row_is_bold() -> None:
    terminal = Terminal(COLUMNS, ROWS)
    shown = frame(Row("Amount          ¥1.2", large="Amount  ¥1.2"), Row(""), "next")
    terminal.feed(paint(blank(COLUMNS, ROWS), screen_of(shown, COLUMNS, ROWS)))
    assert terminal.text()[:3] == ["Amount          ¥1.2", " " * COLUMNS, pad("next", COLUMNS)]
    assert terminal.styles(0) == {BOLD[2:-1]}


@pytest.mark.parametrize(
    ("known", "environment", "device"),
    [
        (False, {"TERM": "linux"}, ""),
        (False, {}, "/dev/tty1"),
        (False, {"TERM": "vt220"}, "/dev/tty1"),
        (True, {"TERM": "vt220"}, "/dev/ttyUSB0"),
        (True, {"TERM": "vt100"}, ""),
        (True, {"TERM": "xterm"}, ""),
        (True, {"TERM": "xterm-256color"}, ""),
        (True, {"TERM": "putty-256color"}, ""),
        (False, {"TERM": "xterm-256color", "VTE_VERSION": "7006"}, ""),
        (False, {"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, ""),
        (False, {"TERM": "xterm-kitty"}, ""),
        (False, {"TERM": "screen.xterm-256color"}, ""),
        (False, {"TERM": "tmux-256color"}, ""),
        (False, {"TERM": "vt52"}, ""),
        (False, {"TERM": "dumb"}, ""),
        (False, {}, ""),
    ],
)
def test_which_terminals_have_lines_of_double_height(
    known: bool, environment: dict[str, str], device: str
) -> None:
    assert knows_double_height(environment, device) is known


@pytest.mark.parametrize("odd", ["…", "é", "😀", "①"])
def test_a_terminal_with_other_widths_moves_no_amount(odd: str) -> None:
    terminal = Terminal(COLUMNS, ROWS)
    terminal.odd = {odd}
    shown = frame(pad(f"a{odd}b{odd}", COLUMNS - 6) + "¥12.34")
    terminal.feed(paint(blank(COLUMNS, ROWS), screen_of(shown, COLUMNS, ROWS)))
    assert terminal.text()[0].endswith("¥12.34")


def test_a_typed_digit_costs_few_bytes() -> None:
    before = screen_of(frame("Amount", "￥ 12.3", "OK=Enter"), COLUMNS, ROWS)
    after = screen_of(frame("Amount", "￥ 12.34", "OK=Enter"), COLUMNS, ROWS)
    assert paint(before, after) == b"\x1b[2;8H\x1b[0m4"


def test_a_scanned_text_can_not_steer_the_terminal() -> None:
    screen = screen_of(frame("a\x1b[2Jb\x07\tc"), COLUMNS, ROWS)
    assert screen[0].text == pad("a[2Jb c", COLUMNS)


def test_too_much_is_cut_off() -> None:
    screen = screen_of(frame(*["退" * 15] * (ROWS + 3)), COLUMNS, ROWS)
    assert [row.text for row in screen] == [clip("退" * 15, COLUMNS)] * ROWS


# --- on a real terminal ------------------------------------------------------------------------


class Pty:
    """A raw pty; the test is the eye at its master."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        os.set_blocking(self.master, False)

    def read(self) -> bytes:
        data = b""
        while True:
            try:
                data += os.read(self.master, 65536)
            except BlockingIOError:
                return data

    def close(self) -> None:
        os.close(self.master)
        os.close(self.slave)


@on_a_loop
async def test_a_session_on_a_pty() -> None:
    eye, terminal = Pty(), Terminal(COLUMNS, ROWS)
    display = make_display(backend="ansi", device=eye.path, columns=COLUMNS, rows=ROWS)
    first = frame(Row("退货", Style.TITLE), "金额 ￥1.00", Row("1 质量问题", Style.CHOSEN))
    second = frame(Row("退货", Style.TITLE), "金额 ￥1.50", Row("错误", Style.ALERT))
    display.show(first)
    terminal.feed(eye.read())
    assert terminal.text() == rows_of(first)
    assert terminal.modes == {"25": False, "7": False}
    display.show(second)
    display.beep()
    terminal.feed(eye.read())
    assert terminal.text() == rows_of(second)
    assert terminal.bells == 1
    display.show(second)
    assert eye.read() == b"", "nothing changed, nothing is sent"
    display.close()
    terminal.feed(eye.read())
    assert terminal.modes == {"25": True, "7": True}
    eye.close()


@pytest.mark.parametrize(("term", "halves"), [("vt220", [b"\x1b#3", b"\x1b#4"]), ("linux", [])])
def test_the_display_knows_its_terminal_by_its_name(
    term: str, halves: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_loop(_by_its_name)(term, halves, monkeypatch)


async def _by_its_name(term: str, halves: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    eye = Pty()
    display = AnsiDisplay(eye.path, COLUMNS, ROWS)
    display.show(frame("a", Row("¥1", large="¥1"), "", "b"))
    assert re.findall(rb"\x1b#.", eye.read()) == halves
    display.show(frame("a", "¥1", "", "b"))
    assert re.findall(rb"\x1b#.", eye.read()) == [b"\x1b#5" for _ in halves]
    display.close()
    eye.close()


@on_a_loop
async def test_a_terminal_that_nobody_reads_never_blocks_and_catches_up() -> None:
    eye, terminal = Pty(), Terminal(40, 15)
    display = AnsiDisplay(eye.path, 40, 15)
    for number in range(2_000):
        display.show(Frame(40, (Row(f"{number} " + "退" * 15),) * 15, "any"))
        display.beep()
    data = b""
    last = ("1999 " + "退" * 15).encode()
    async with asyncio.timeout(10):
        while last * 1 not in data or data.count(last) < 15:
            data += eye.read()
            await asyncio.sleep(0)
    terminal.feed(data)
    assert terminal.text() == [pad("1999 " + "退" * 15, 40)] * 15
    assert len(data) < 200_000, "frames were dropped, not queued"
    display.close()
    eye.close()


@on_a_loop
async def test_a_terminal_that_hangs_up_is_reported_and_opened_again(tmp_path: Path) -> None:
    events: list[InputEvent] = []
    link = tmp_path / "tty"
    eye = Pty()
    link.symlink_to(eye.path)
    display = AnsiDisplay(str(link), COLUMNS, ROWS, sink=events.append)
    display.show(frame("one"))
    eye.close()
    link.unlink()
    display.show(frame("two"))
    display.show(frame("three"))
    assert [isinstance(event, DeviceState) and event.up for event in events] == [False]
    eye = Pty()
    link.symlink_to(eye.path)
    display.show(frame("four"))
    terminal = Terminal(COLUMNS, ROWS)
    terminal.feed(eye.read())
    assert terminal.text()[0] == pad("four", COLUMNS)
    assert [isinstance(event, DeviceState) and event.up for event in events] == [False, True]
    display.close()
    display.close()
    display.show(frame("five"))
    display.close()
    eye.close()


def test_a_display_that_can_not_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(Failure) as failed:
        AnsiDisplay(str(tmp_path / "none"), COLUMNS, ROWS)
    assert failed.value.words.code == "display.terminal"
    assert "No such file" in technician(failed.value.words)


CHILD = """
import os, sys
from pos_drivers.display_ansi import AnsiDisplay
from pos_terminal.ports import Frame, Row
display = AnsiDisplay("", 20, 8)
display.show(Frame(20, (Row("hello"),), "home"))
display.close()
print(os.get_blocking(1), os.get_blocking(2), flush=True)
"""


@pytest.mark.parametrize("kind", ["pipe", "file", "tty"])
def test_standard_output_stays_blocking_for_everybody_else(kind: str, tmp_path: Path) -> None:
    eye, file = Pty(), tmp_path / "out"
    with file.open("wb") as out:
        target: Any = {"pipe": subprocess.PIPE, "file": out, "tty": eye.slave}[kind]
        done = subprocess.run(  # noqa: PLW1510 - the output tells more than the status
            [sys.executable, "-c", CHILD], stdout=target, stderr=subprocess.STDOUT
        )
    data = {"pipe": done.stdout, "file": file.read_bytes(), "tty": eye.read()}[kind]
    screen, _, rest = data.partition(b"\x1b[?25h\r\n")
    assert b"hello" in screen
    if kind != "file":  # a file never blocks
        assert rest.split() == [b"True", b"True"]
    eye.close()

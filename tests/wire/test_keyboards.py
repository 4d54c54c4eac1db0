"""Layouts, held against xkeyboard-config; and a wrong layout is told."""

from __future__ import annotations

import pytest
from evdev import ecodes

from pos_terminal.core.dropped import Drop
from pos_terminal.wire.input_event import EV_KEY, InputRecord
from pos_terminal.wire.key_scan import KeyScan
from pos_terminal.wire.keyboards import LEFT_ALT, LEFT_CTRL, Layout, Press, keyboard
from pos_terminal.wire.scan import Code

EAN = "4006381333931"
ROWS = {"E": 2, "D": 16, "C": 30, "B": 44}
"""Codes of the first keys of xkb's rows AE, AD, AC and AB."""
XKB = {
    # xkb-data 2.35.1, symbols/fr "basic" on symbols/latin: plain and shifted, a row a line.
    # Its TLDE is ² and ~, its DOLLAR key £; ~ is a dead key there as under Windows
    Layout.AZERTY: {
        "E": ("&é\"'(-è_çà)=", "1234567890°+"),
        "D": ("azertyuiop^$", "AZERTYUIOP¨£"),
        "C": ("qsdfghjklmù", "QSDFGHJKLM%"),
        "B": ("wxcvbn,;:!", "WXCVBN?./§"),
    },
    # symbols/de "basic" on symbols/latin "type4"
    Layout.QWERTZ: {
        "E": ("1234567890ß´", '!"§$%&/()=?`'),
        "D": ("qwertzuiopü+", "QWERTZUIOPÜ*"),
        "C": ("asdfghjklöä", "ASDFGHJKLÖÄ"),
        "B": ("yxcvbnm,.-", "YXCVBNM;:_"),
    },
    # symbols/us "basic"
    Layout.US: {
        "E": ("1234567890-=", "!@#$%^&*()_+"),
        "D": ("qwertyuiop[]", "QWERTYUIOP{}"),
        "C": ("asdfghjkl;'", 'ASDFGHJKL:"'),
        "B": ("zxcvbnm,./", "ZXCVBNM<>?"),
    },
}
THIRD = {
    # level three of the same files, by xkb's key names
    Layout.AZERTY: {
        "E2": "~", "E3": "#", "E4": "{", "E5": "[", "E6": "|", "E7": "`", "E8": "\\", "E9": "^",
        "E10": "@", "E11": "]", "E12": "}", "D3": "€",
    },
    Layout.QWERTZ: {
        "E2": "²", "E3": "³", "E7": "{", "E8": "[", "E9": "]", "E10": "}", "E11": "\\",
        "D1": "@", "D3": "€", "D12": "~",
    },
    Layout.US: {},
}  # fmt: skip


@pytest.mark.parametrize("layout", list(Layout))
def test_keys_type_what_xkb_says(layout: Layout) -> None:
    board = keyboard(layout)
    for row, (plain, shifted) in XKB[layout].items():
        for i, (low, high) in enumerate(zip(plain, shifted, strict=True)):
            code = ROWS[row] + i
            assert board.typed(Press(code)) == low
            assert board.typed(Press(code, frozenset((42,)))) == high
    for key, char in THIRD[layout].items():
        code = ROWS[key[0]] + int(key[1:]) - 1
        assert board.typed(Press(code, frozenset((100,)))) == char
        assert board.typed(Press(code, frozenset((LEFT_CTRL, LEFT_ALT)))) == char, "as Windows"
    assert board.typed(Press(2, frozenset((LEFT_ALT,)))) is None


def test_the_keys_that_only_one_of_them_has() -> None:
    for layout, plain, shifted in (("us", "\\", "|"), ("azerty", "<", ">"), ("qwertz", "<", ">")):
        board = keyboard(Layout(layout))
        assert board.typed(Press(ecodes.KEY_102ND)) == plain
        assert board.typed(Press(ecodes.KEY_102ND, frozenset((42,)))) == shifted
    assert keyboard(Layout.QWERTZ).typed(Press(ecodes.KEY_KPDOT)) == ","
    assert keyboard(Layout.AZERTY).typed(Press(ecodes.KEY_BACKSLASH)) == "*"
    assert keyboard(Layout.QWERTZ).typed(Press(ecodes.KEY_BACKSLASH)) == "#"


def test_caps_lock_gives_the_digits_of_a_french_keyboard() -> None:
    french, german = keyboard(Layout.AZERTY), keyboard(Layout.QWERTZ)
    assert french.typed(Press(ecodes.KEY_1, caps=True)) == "1"
    assert german.typed(Press(ecodes.KEY_1, caps=True)) == "1"
    assert french.typed(Press(ecodes.KEY_Q, caps=True)) == "A"
    assert german.typed(Press(ecodes.KEY_Y, frozenset((42,)), caps=True)) == "z"


def test_dead_keys_take_a_space() -> None:
    german = keyboard(Layout.QWERTZ)
    keys = german.keys_for("^")
    assert keys is not None
    assert german.read([Press(3), *keys, Press(4)]) == "2^3"
    assert german.read(keys[:1]) is None
    assert german.read([*keys[:1], Press(ecodes.KEY_E)]) is None, "ê is in no code"


@pytest.mark.parametrize("layout", list(Layout))
def test_what_a_keyboard_can_type_it_reads(layout: Layout) -> None:
    board = keyboard(layout)
    for char in map(chr, [29, *range(32, 127)]):
        keys = board.keys_for(char)
        if keys is None:
            assert layout is Layout.US
            continue
        assert board.read(keys) == char


# --- a wrong layout -----------------------------------------------------------------------------


def scanned(text: str, sender: Layout, reader: Layout) -> list[Code | Drop]:
    """What a scanner on ``sender``'s layout gives at a terminal that expects ``reader``'s."""
    scan = KeyScan(layout=reader)
    found = []
    keys = [key for char in text for key in keyboard(sender).keys_for(char) or ()]
    at = 1_000_000
    for code, held, _ in [*keys, Press(ecodes.KEY_ENTER)]:
        edges = [(one, 1) for one in held] + [(code, 1), (code, 0)] + [(one, 0) for one in held]
        for one, value in edges:
            at += 4_000
            found.append(scan.feed(InputRecord(at, EV_KEY, one, value)))
    return [one for one in found if one is not None]


LAYOUT = {
    Layout.US: Drop.LAYOUT_US,
    Layout.AZERTY: Drop.LAYOUT_AZERTY,
    Layout.QWERTZ: Drop.LAYOUT_QWERTZ,
}
OTHERS = [(sender, reader) for sender in Layout for reader in Layout if sender is not reader]


@pytest.mark.parametrize(("sender", "reader"), OTHERS)
@pytest.mark.parametrize("text", [f"]E0{EAN}", "]C101040063813339311710A", "]d20104006381333931"])
def test_a_wrong_layout_is_told_by_a_check_digit(text: str, sender: Layout, reader: Layout) -> None:
    assert scanned(text, sender, reader) == [LAYOUT[sender]]


@pytest.mark.parametrize(("sender", "reader"), [pair for pair in OTHERS if Layout.AZERTY in pair])
@pytest.mark.parametrize("text", [EAN, "20260730-000123", "R20260730000123", "123456"])
def test_a_wrong_layout_is_told_by_the_kind_of_its_characters(
    text: str, sender: Layout, reader: Layout
) -> None:
    (found,) = scanned(text, sender, reader)
    # digits alone are typed alike by both others
    alike = (Layout.US, Layout.QWERTZ) if sender is not Layout.AZERTY else (sender,)
    assert found in [LAYOUT[one] for one in alike]


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize(
    "text",
    [EAN, "20260730-000123", "+A123BJC5D6E71G", "%+$/-.:", "http://x.example/?q=1&r=2", "A", "QWZ"],
)
def test_the_right_layout_is_never_called_wrong(text: str, layout: Layout) -> None:
    assert scanned(text, layout, layout) == [Code(text)]


def test_where_layouts_differ_in_a_mark_only_nothing_is_told() -> None:
    assert scanned("2026-17", Layout.QWERTZ, Layout.US) == [Code("2026/17")]

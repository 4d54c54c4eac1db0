"""Scans: whole codes only, whatever happens on the way."""

from __future__ import annotations

import string

import pytest
from evdev import ecodes
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.core.dropped import Drop
from pos_terminal.wire.input_event import EV_KEY, EV_SYN, SYN_DROPPED, InputRecord
from pos_terminal.wire.scan import MAX_CHARACTERS, Code, KeyScan, LineScan
from pos_terminal.wire.us_keys import keystroke

ENTER = "KEY_ENTER"
MS = 1_000


class Typist:
    """Types like a scanner: 4 ms a key, on a clock of its own."""

    def __init__(self) -> None:
        self.scan = KeyScan()
        self.at = 1_000_000
        self.results: list[Code | Drop] = []

    def record(self, kind: int, code: int, value: int) -> None:
        result = self.scan.feed(InputRecord(self.at, kind, code, value))
        if result is not None:
            self.results.append(result)

    def stroke(self, name: str, *held: str) -> None:
        self.at += 4 * MS
        for modifier in held:
            self.record(EV_KEY, ecodes.ecodes[modifier], 1)
        self.record(EV_KEY, ecodes.ecodes[name], 1)
        self.record(EV_KEY, ecodes.ecodes[name], 0)
        for modifier in held:
            self.record(EV_KEY, ecodes.ecodes[modifier], 0)
        self.record(EV_SYN, 0, 0)

    def type(self, text: str) -> None:
        for char in text:
            stroke = keystroke(char)
            assert stroke is not None
            name = ecodes.KEY[stroke[0]]
            self.stroke(name if isinstance(name, str) else name[0], *["KEY_LEFTSHIFT"] * stroke[1])

    def scans(self, text: str) -> None:
        self.type(text)
        self.stroke(ENTER)

    def overrun(self) -> None:
        self.record(EV_SYN, SYN_DROPPED, 0)
        self.record(EV_SYN, 0, 0)


@pytest.fixture
def typist() -> Typist:
    return Typist()


def test_the_whole_us_keyboard_is_typed_as_it_reads(typist: Typist) -> None:
    text = string.ascii_letters + string.digits + string.punctuation.replace("]", "") + " ]"
    typist.scans(text)
    assert typist.results == [Code(text)]


@pytest.mark.parametrize(
    ("name", "shifted", "plain"),
    [
        ("KEY_A", "A", "a"),
        ("KEY_2", "@", "2"),
        ("KEY_GRAVE", "~", "`"),
        ("KEY_APOSTROPHE", '"', "'"),
        ("KEY_BACKSLASH", "|", "\\"),
        ("KEY_SLASH", "?", "/"),
        ("KEY_LEFTBRACE", "{", "["),
        ("KEY_SEMICOLON", ":", ";"),
        ("KEY_EQUAL", "+", "="),
        ("KEY_KP7", "7", "7"),
        ("KEY_KPDOT", ".", "."),
        ("KEY_KPASTERISK", "*", "*"),
    ],
)
def test_keys_by_their_kernel_names(typist: Typist, name: str, shifted: str, plain: str) -> None:
    typist.stroke(name)
    typist.stroke(name, "KEY_RIGHTSHIFT")
    typist.stroke(ENTER)
    assert typist.results == [Code(plain + shifted)]


@pytest.mark.parametrize("end", ["KEY_ENTER", "KEY_KPENTER", "KEY_TAB"])
def test_a_scan_ends_with_enter_or_tab(typist: Typist, end: str) -> None:
    typist.type("123")
    assert typist.scan.partial
    typist.stroke(end)
    assert not typist.scan.partial
    assert typist.results == [Code("123")]


def test_an_end_without_a_code_is_nothing(typist: Typist) -> None:
    typist.stroke(ENTER)
    assert typist.results == []


def test_repeats_and_locks_type_nothing(typist: Typist) -> None:
    typist.stroke("KEY_CAPSLOCK")
    typist.type("1")
    typist.record(EV_KEY, ecodes.KEY_1, 2)
    typist.stroke("KEY_NUMLOCK")
    typist.stroke(ENTER)
    assert typist.results == [Code("1")]


def test_group_separator_within_gs1_data(typist: Typist) -> None:
    typist.type("10A")
    typist.stroke("KEY_RIGHTBRACE", "KEY_LEFTCTRL")
    typist.scans("21B")
    assert typist.results == [Code("10A\x1d21B")]


def test_a_pause_drops_the_partial_scan_and_its_tail(typist: Typist) -> None:
    typist.type("123")
    typist.at += 60 * MS
    typist.scans("456")
    typist.scans("789")
    assert typist.results == [Drop.PAUSE, Code("789")]


def test_fifty_milliseconds_are_no_pause(typist: Typist) -> None:
    typist.type("1")
    typist.at += 46 * MS  # and 4 of the next key
    typist.scans("2")
    assert typist.results == [Code("12")]


def test_after_silence_the_next_key_begins_a_new_scan(typist: Typist) -> None:
    typist.type("123")
    typist.at += 300 * MS
    typist.scans("456")
    assert typist.results == [Drop.PAUSE, Code("456")]


def test_a_late_enter_does_not_submit(typist: Typist) -> None:
    typist.type("123")
    typist.at += 60 * MS
    typist.stroke(ENTER)
    assert typist.results == [Drop.PAUSE]
    assert not typist.scan.partial


def test_a_clock_set_back_is_no_pause(typist: Typist) -> None:
    typist.type("12")
    typist.at -= 5_000 * MS
    typist.scans("3")
    assert typist.results == [Code("123")]


def test_a_scan_that_never_ends_expires(typist: Typist) -> None:
    typist.type("123")
    assert typist.scan.expire() is Drop.UNENDED
    assert typist.scan.expire() is None
    typist.scans("456")
    assert typist.results == [Code("456")]


def test_lost_events_are_never_submitted(typist: Typist) -> None:
    typist.type("123")
    typist.overrun()
    typist.scans("456")
    typist.scans("789")
    assert typist.results == [Drop.OVERRUN, Code("789")]


def test_lost_events_do_not_leave_shift_held(typist: Typist) -> None:
    typist.record(EV_KEY, ecodes.KEY_LEFTSHIFT, 1)
    typist.overrun()
    typist.at += 300 * MS
    typist.scans("a1")
    assert typist.results == [Drop.OVERRUN, Code("a1")]


def test_an_overlong_scan_is_bounded_and_dropped_once(typist: Typist) -> None:
    typist.type("1" * MAX_CHARACTERS)
    typist.scans("2" * 50)
    typist.scans("3")
    assert typist.results == [Drop.TOO_LONG, Code("3")]


@pytest.mark.parametrize("held", ["KEY_LEFTALT", "KEY_RIGHTALT", "KEY_LEFTMETA", "KEY_LEFTCTRL"])
def test_keys_that_type_no_character_drop_the_scan(typist: Typist, held: str) -> None:
    typist.type("12")
    typist.stroke("KEY_KP1", held)
    typist.scans("34")
    assert typist.results == [Drop.CHARACTERS]


def test_an_unplugged_scanner_forgets_its_partial_scan(typist: Typist) -> None:
    typist.type("12")
    assert typist.scan.lost() is Drop.OVERRUN
    assert typist.scan.lost() is None
    typist.scans("34")
    assert typist.results == [Code("34")]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("]C0A-17", Code("A-17", "]C0")),
        ("]Q1https://x.example/1", Code("https://x.example/1", "]Q1")),
        ("]d1ABC", Code("ABC", "]d1")),
        ("]E04006381333931", Code("4006381333931", "]E0")),
        ("]E04006381333932", Drop.CHECK),
        ("]E0036000291452", Code("036000291452", "]E0")),
        ("]E0036000291453", Drop.CHECK),
        ("]E001234565", Code("01234565", "]E0")),  # UPC-E of 012345000065 is checked expanded
        ("]E496385074", Code("96385074", "]E4")),
        ("]E496385075", Drop.CHECK),
        ("]E112", Code("12", "]E1")),
        ("]E3400638133393112", Code("400638133393112", "]E3")),
        ("]E3400638133393212", Drop.CHECK),
        ("]E0400638133393", Drop.CHECK),
        ("]E0ABCDEFGHIJKLM", Drop.CHECK),
        ("]e00104006381333931", Code("0104006381333931", "]e0")),
        ("]e00104006381333930", Drop.CHECK),
        ("]C10104006381333930", Drop.CHECK),
        ("]C110ABC", Code("10ABC", "]C1")),
        ("]E0", Drop.CHECK),
        ("]Q", Code("]Q")),
        ("4006381333932", Code("4006381333932")),
    ],
)
def test_aim_identifiers_and_check_digits(typist: Typist, text: str, result: Code | Drop) -> None:
    typist.scans(text)
    assert typist.results == [result]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 260), st.integers(0, 2))))
def test_any_records_are_no_crash(events: list[tuple[int, int, int]]) -> None:
    scan = KeyScan()
    for at, (kind, code, value) in enumerate(events):
        assert isinstance(
            scan.feed(InputRecord(at * 20 * MS, kind, code, value)), Code | Drop | None
        )


# --- serial scanner -------------------------------------------------------------------------


def test_serial_lines_end_with_cr_or_lf_or_both() -> None:
    scan = LineScan()
    assert scan.feed(b"123\r\n\x02456\x03\r]C0789\n") == [
        Code("123"),
        Code("456"),
        Code("789", "]C0"),
    ]


@given(st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=40))
def test_serial_bytes_one_by_one_are_the_same_code(text: str) -> None:
    data = text.encode() + b"\r\n"
    whole = LineScan().feed(data)
    scan = LineScan()
    assert [result for byte in data for result in scan.feed(bytes([byte]))] == whole
    assert len(whole) == 1


def test_serial_text_in_utf_8_and_garbage() -> None:
    assert LineScan().feed("退货\r".encode()) == [Code("退货")]
    assert LineScan().feed(b"\xff\xfe1\r") == [Drop.CHARACTERS]
    assert LineScan().feed(b"1\x001\r") == [Drop.CHARACTERS]


def test_serial_overlong_line_is_dropped_once() -> None:
    scan = LineScan()
    assert scan.feed(b"1" * (MAX_CHARACTERS * 3)) == [Drop.TOO_LONG]
    assert scan.partial
    assert scan.feed(b"22\r33\r") == [Code("33")]


def test_serial_line_that_never_ends_expires() -> None:
    scan = LineScan()
    scan.feed(b"12")
    assert scan.expire() is Drop.UNENDED
    scan.feed(b"34")
    assert scan.lost() is Drop.OVERRUN
    assert scan.feed(b"56\r") == [Code("56")]


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_serial_garbage_is_no_crash(chunks: list[bytes]) -> None:
    scan = LineScan()
    for chunk in chunks:
        assert all(isinstance(result, Code | Drop) for result in scan.feed(chunk))

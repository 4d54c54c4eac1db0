"""Scans: whole codes only, whatever happens on the way."""

from __future__ import annotations

import string

import pytest
from evdev import ecodes
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.core.dropped import Drop
from pos_terminal.wire.alt_codes import AltCodes
from pos_terminal.wire.input_event import EV_KEY, EV_SYN, SYN_DROPPED, InputRecord
from pos_terminal.wire.key_scan import KeyScan, stirs
from pos_terminal.wire.keyboards import Layout, keyboard
from pos_terminal.wire.scan import MAX_CHARACTERS, Code

ENTER = "KEY_ENTER"
MS = 1_000


class Typist:
    """Types like a scanner: 4 ms a key, on a clock of its own."""

    def __init__(self, scan: KeyScan | None = None) -> None:
        self.scan = scan or KeyScan()
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
            keys = keyboard(Layout.US).keys_for(char)
            assert keys is not None
            name = ecodes.KEY[keys[0].code]
            shifts = ["KEY_LEFTSHIFT"] * len(keys[0].held)
            self.stroke(name if isinstance(name, str) else name[0], *shifts)

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
    typist.at += 300 * MS
    typist.scans("456")
    typist.scans("789")
    assert typist.results == [Drop.PAUSE, Code("789")]


@pytest.mark.parametrize(("gap_ms", "keys_apart"), [(250, 60), (250, 250), (50, 50), (900, 700)])
def test_slow_scanners_are_waited_for(gap_ms: int, keys_apart: int) -> None:
    typist = Typist(KeyScan(gap_ms=gap_ms))
    for char in "4006":
        typist.at += (keys_apart - 4) * MS  # and 4 of the key
        typist.type(char)
    typist.stroke(ENTER)
    assert typist.results == [Code("4006")]


def test_where_somebody_else_types_a_short_pause_is_one() -> None:
    typist = Typist(KeyScan(gap_ms=50))
    typist.type("123")
    typist.at += 60 * MS
    typist.scans("456")
    typist.scans("789")
    assert typist.results == [Drop.PAUSE, Code("789")]


def test_after_silence_the_next_key_begins_a_new_scan(typist: Typist) -> None:
    typist.type("123")
    typist.at += 600 * MS
    typist.scans("456")
    assert typist.results == [Drop.PAUSE, Code("456")]


def test_a_late_enter_does_not_submit(typist: Typist) -> None:
    typist.type("123")
    typist.at += 300 * MS
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
    typist.at += 300 * MS
    typist.scans("456")
    assert typist.results == [], "its tail, however late"
    typist.type("123")
    assert (typist.scan.expire(), typist.scan.expire()) == (Drop.UNENDED, None)
    typist.scans("789")
    assert typist.results == [Code("789")]


def test_lost_events_are_never_submitted(typist: Typist) -> None:
    typist.type("123")
    typist.overrun()
    typist.scans("456")
    typist.scans("789")
    assert typist.results == [Drop.OVERRUN, Code("789")]


def test_lost_events_do_not_leave_shift_held(typist: Typist) -> None:
    typist.record(EV_KEY, ecodes.KEY_LEFTSHIFT, 1)
    typist.overrun()
    typist.at += 600 * MS
    typist.scans("a1")
    assert typist.results == [Drop.OVERRUN, Code("a1")]


def test_an_overlong_scan_is_bounded_and_dropped_once(typist: Typist) -> None:
    typist.type("1" * MAX_CHARACTERS)
    typist.scans("2" * 50)
    typist.scans("3")
    assert typist.results == [Drop.TOO_LONG, Code("3")]


@pytest.mark.parametrize("held", ["KEY_LEFTMETA", "KEY_LEFTCTRL"])
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


# --- as scanners in the field send --------------------------------------------------------------


def alt(typist: Typist, digits: str, *, up: bool = True) -> None:
    """NumLock, Alt down, the number on the numeric block, Alt up."""
    typist.stroke("KEY_NUMLOCK")
    typist.at += 4 * MS
    typist.record(EV_KEY, ecodes.KEY_LEFTALT, 1)
    for digit in digits:
        typist.stroke(f"KEY_KP{digit}")
    if up:
        typist.record(EV_KEY, ecodes.KEY_LEFTALT, 0)


@pytest.mark.parametrize("zero", ["", "0"])
def test_characters_come_as_alt_codes(typist: Typist, zero: str) -> None:
    text = "]C0" + string.ascii_letters + string.digits + string.punctuation + " "
    for char in text:
        alt(typist, f"{zero}{ord(char)}")
    typist.stroke(ENTER)
    assert typist.results == [Code(text[3:], "]C0")]


def test_ends_and_separators_come_as_alt_codes_too(typist: Typist) -> None:
    for number in ("02", "65", "29", "66", "03", "13", "10"):
        alt(typist, number)
    assert typist.results == [Code("A\x1dB")]


@pytest.mark.parametrize(
    ("codes", "digits", "text"),
    [
        (AltCodes.WINDOWS, "0233", "é"),  # code page 1252
        (AltCodes.WINDOWS, "130", "é"),  # code page 437
        (AltCodes.WINDOWS, "0129", None),  # 1252 has nothing there
        (AltCodes.WINDOWS, "52946", None),
        (AltCodes.GBK, "52946", "我"),  # CED2
        (AltCodes.GBK, "255", None),
        (AltCodes.GBK, "99999", None),
        (AltCodes.UNICODE, "25105", "我"),  # U+6211
        (AltCodes.UNICODE, "55296", None),  # half of a pair
        (AltCodes.NONE, "65", None),
        (AltCodes.WINDOWS, "0", None),
        (AltCodes.WINDOWS, "0000065", None),
    ],
)
def test_what_an_alt_code_stands_for(codes: AltCodes, digits: str, text: str | None) -> None:
    typist = Typist(KeyScan(alt_codes=codes))
    alt(typist, digits)
    typist.stroke(ENTER)
    assert typist.results == [Drop.CHARACTERS if text is None else Code(text)]


def test_an_alt_code_that_never_ends_is_no_code(typist: Typist) -> None:
    alt(typist, "65", up=False)
    typist.stroke(ENTER)
    assert typist.results == [Drop.OVERRUN]
    alt(typist, "65", up=False)
    alt(typist, "66")
    typist.stroke(ENTER)
    typist.scans("1")
    assert typist.results == [Drop.OVERRUN, Drop.OVERRUN, Code("1")]


def test_caps_lock_around_letters_toggles_their_case(typist: Typist) -> None:
    typist.stroke("KEY_CAPSLOCK")
    typist.stroke("KEY_A")
    typist.stroke("KEY_1")
    typist.stroke("KEY_B", "KEY_LEFTSHIFT")
    typist.stroke("KEY_CAPSLOCK")
    typist.stroke("KEY_C")
    typist.stroke(ENTER)
    assert typist.results == [Code("A1bc")]


def test_caps_lock_behind_the_end_belongs_to_the_code_before(typist: Typist) -> None:
    for _ in range(2):
        typist.stroke("KEY_CAPSLOCK")
        typist.stroke("KEY_A")
        typist.stroke(ENTER)
        typist.stroke("KEY_CAPSLOCK")
    assert typist.results == [Code("A"), Code("A")]


def test_caps_lock_does_not_outlive_silence(typist: Typist) -> None:
    typist.stroke("KEY_CAPSLOCK")
    typist.scans("a")
    typist.at += 300 * MS
    typist.scans("a")
    assert typist.results == [Code("A"), Code("a")]


@pytest.mark.parametrize(
    "modifier",
    ["KEY_LEFTSHIFT", "KEY_RIGHTSHIFT", "KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_LEFTMETA"],
)
def test_a_lost_release_does_not_outlive_silence(typist: Typist, modifier: str) -> None:
    typist.type("12")
    typist.record(EV_KEY, ecodes.ecodes[modifier], 1)
    typist.scans("34")
    assert len(typist.results) == 1
    assert isinstance(typist.results[0], Drop), "nobody knows what it was to be"
    for _ in range(20):  # the kernel repeats what never came up
        typist.at += 33 * MS
        typist.record(EV_KEY, ecodes.ecodes[modifier], 2)
    typist.scans("aB1")
    assert typist.results[1:] == [Code("aB1")]


def test_a_release_that_is_lost_between_two_codes_is_no_part_of_the_second(typist: Typist) -> None:
    typist.scans("1")
    typist.record(EV_KEY, ecodes.KEY_LEFTSHIFT, 1)
    typist.at += 300 * MS
    typist.scans("4006381333931")
    assert typist.results == [Code("1"), Code("4006381333931")]


def test_repeats_keep_no_unfinished_scan_alive() -> None:
    assert not stirs(InputRecord(0, EV_KEY, ecodes.KEY_LEFTSHIFT, 2))
    assert not stirs(InputRecord(0, EV_SYN, 0, 1))
    assert stirs(InputRecord(0, EV_KEY, ecodes.KEY_1, 0))
    assert stirs(InputRecord(0, EV_SYN, SYN_DROPPED, 0))


@pytest.mark.parametrize("letter", ["M", "J", "I"])
def test_cr_lf_and_tab_come_with_ctrl(typist: Typist, letter: str) -> None:
    typist.scans("12")
    typist.stroke("KEY_J", "KEY_LEFTCTRL")
    assert not typist.scan.partial
    typist.type("34")
    typist.stroke(f"KEY_{letter}", "KEY_RIGHTCTRL")
    typist.stroke("KEY_J", "KEY_LEFTCTRL")
    assert typist.results == [Code("12"), Code("34")]


@pytest.mark.parametrize("key", ["KEY_F1", "KEY_F8", "KEY_F10", "KEY_F11", "KEY_F12", "KEY_F24"])
def test_a_function_key_before_a_code_is_no_part_of_it(typist: Typist, key: str) -> None:
    typist.stroke(key)
    typist.scans("12")
    typist.type("3")
    typist.stroke(key)
    typist.scans("4")
    assert typist.results == [Code("12"), Drop.CHARACTERS]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([EV_SYN, EV_KEY, EV_KEY, EV_KEY, 4]),
            st.sampled_from([*range(90), 96, 97, 100, 125, 183, SYN_DROPPED, 260]),
            st.integers(0, 2),
            st.integers(-300, 700),
        )
    ),
    st.sampled_from(Layout),
    st.sampled_from(AltCodes),
)
def test_any_records_are_no_crash(
    events: list[tuple[int, int, int, int]], layout: Layout, codes: AltCodes
) -> None:
    scan = KeyScan(layout=layout, alt_codes=codes)
    at = 1_000_000
    for kind, code, value, later in events:
        at += later * MS
        result = scan.feed(InputRecord(at, kind, code, value))
        assert isinstance(result, Code | Drop | None)
    assert isinstance(scan.expire(), Code | Drop | None)
    scan.expire()
    assert not scan.partial

"""Keypad: records of the kernel to names of keys."""

from __future__ import annotations

import struct

import pytest
from evdev import ecodes
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.ports import Key
from pos_terminal.wire.input_event import (
    EV_KEY,
    EV_MSC,
    EV_SYN,
    MSC_SCAN,
    NATIVE,
    SYN_DROPPED,
    InputRecord,
    RecordReader,
)
from pos_terminal.wire.keys import (
    HID_KEYPAD_00,
    KEY_NAMES,
    KEY_UNKNOWN,
    PRESS_CODES,
    KeypadDecoder,
    types_digits,
)

REPORT = InputRecord(0, EV_SYN, 0, 0)


def key(name: str, value: int = 1) -> InputRecord:
    return InputRecord(0, EV_KEY, ecodes.ecodes[name], value)


def pressed(*records: InputRecord) -> list[str]:
    decoder = KeypadDecoder()
    return [name for name in map(decoder.feed, records) if name is not None]


@pytest.mark.parametrize(
    ("code", "name"),
    [(f"KEY_{digit}", str(digit)) for digit in range(10)]
    + [(f"KEY_KP{digit}", str(digit)) for digit in range(10)]
    + [
        ("KEY_ENTER", "enter"),
        ("KEY_KPENTER", "enter"),
        ("KEY_OK", "enter"),
        ("KEY_BACKSPACE", "clear"),
        ("KEY_DELETE", "clear"),
        ("KEY_CLEAR", "clear"),
        ("KEY_ESC", "cancel"),
        ("KEY_KPSLASH", "cancel"),
        ("KEY_CANCEL", "cancel"),
        ("KEY_UP", "up"),
        ("KEY_KPMINUS", "up"),
        ("KEY_DOWN", "down"),
        ("KEY_KPPLUS", "down"),
        ("KEY_MENU", "menu"),
        ("KEY_COMPOSE", "menu"),
        ("KEY_KPASTERISK", "menu"),
        ("KEY_TAB", "menu"),
        ("KEY_KPDOT", "."),
        ("KEY_DOT", "."),
        ("KEY_KPCOMMA", "."),
        ("KEY_SYSRQ", "feed"),
        ("KEY_PRINT", "feed"),
    ],
)
def test_each_key_has_its_name(code: str, name: str) -> None:
    assert pressed(key(code), REPORT, key(code, 0), REPORT) == [name]


def test_every_name_is_a_key_of_the_port_and_every_key_can_be_pressed() -> None:
    names = set(KEY_NAMES.values()) | {"00"}
    assert names == {one.value for one in Key}
    assert set(PRESS_CODES) == names - {"00"}
    assert all(KEY_NAMES[code] == name for name, code in PRESS_CODES.items())


def test_unnamed_keys_releases_and_repeats_mean_nothing() -> None:
    assert pressed(key("KEY_NUMLOCK"), key("KEY_A"), key("KEY_1", 0), key("KEY_1", 2)) == []


def test_double_zero_is_told_by_its_usb_usage() -> None:
    usage = InputRecord(0, EV_MSC, MSC_SCAN, HID_KEYPAD_00)
    unknown = InputRecord(0, EV_KEY, KEY_UNKNOWN, 1)
    assert pressed(usage, unknown, REPORT) == ["00"]
    assert pressed(unknown, REPORT) == []
    assert pressed(usage, REPORT, unknown, REPORT) == [], "the usage is of an earlier packet"


def test_lost_events_are_skipped_up_to_the_next_report() -> None:
    dropped = InputRecord(0, EV_SYN, SYN_DROPPED, 0)
    decoder = KeypadDecoder()
    records = [key("KEY_1"), dropped, key("KEY_2"), REPORT, key("KEY_3"), REPORT]
    assert [decoder.feed(record) for record in records] == ["1", None, None, None, "3", None]
    assert decoder.overruns == 1


@pytest.mark.parametrize(("layout", "size"), [("<qqHHi", 24), ("<iiHHi", 16)])
def test_records_of_both_word_sizes(layout: str, size: int) -> None:
    data = struct.pack(layout, 12, 345, 1, 30, -1) * 2
    assert len(data) == 2 * size
    assert RecordReader(layout).feed(data) == [InputRecord(12_000_345, 1, 30, -1)] * 2


@given(
    st.lists(st.tuples(st.integers(0, 2**31), st.integers(0, 65535)), max_size=5),
    st.lists(st.integers(1, 50), min_size=1, max_size=50),
)
def test_records_in_parts_are_the_same_records(
    events: list[tuple[int, int]], cuts: list[int]
) -> None:
    data = b"".join(struct.pack(NATIVE, sec, 7, 1, code, 1) for sec, code in events)
    whole = RecordReader().feed(data)
    reader, at = RecordReader(), 0
    parts: list[InputRecord] = []
    while at < len(data):
        step = cuts[len(parts) % len(cuts)]
        parts += reader.feed(data[at : at + step])
        at += step
    assert parts == whole
    assert len(whole) == len(events)


def test_reset_forgets_half_a_record() -> None:
    reader = RecordReader()
    record = struct.pack(NATIVE, 1, 0, 1, 2, 1)
    reader.feed(record[:10])
    reader.reset()
    assert reader.feed(record) == [InputRecord(1_000_000, 1, 2, 1)]


@given(st.binary(max_size=200))
def test_garbage_is_no_crash(data: bytes) -> None:
    decoder = KeypadDecoder()
    names = {decoder.feed(record) for record in RecordReader().feed(data)}
    assert names <= set(KEY_NAMES.values()) | {"00", None}


def test_what_counts_as_a_keyboard() -> None:
    numeric = frozenset(PRESS_CODES.values())
    assert types_digits(numeric)
    assert types_digits(frozenset(range(1, 32)))
    assert not types_digits(frozenset([ecodes.KEY_POWER, ecodes.KEY_ENTER]))
    assert not types_digits(numeric - {ecodes.KEY_KPENTER})

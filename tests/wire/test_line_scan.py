"""Scans of a serial scanner: whole lines only, in each framing that such scanners send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.core.dropped import Drop
from pos_terminal.wire.frames import Frame
from pos_terminal.wire.line_scan import LineScan
from pos_terminal.wire.scan import MAX_CHARACTERS, Code

EAN = "4006381333931"


def with_parity(text: str, even: bool) -> bytes:
    """Seven bits and a parity bit, counted by hand as in a UART's manual."""
    return bytes(
        code | (0x80 if (f"{code:07b}".count("1") % 2 == 1) is even else 0)
        for code in text.encode("ascii")
    )


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"123\r\n456\r789\n", ["123", "456", "789"]),
        (b"\x02456\x03\r", ["456"]),
        (b"\x02456\x03\x02789\x03", ["456", "789"]),
        (b"\x02456\r\n\x03", ["456"]),
        (b"456\t789\t", ["456", "789"]),
        (b"456\r\x00789\r\x00", ["456", "789"]),
        (b"\x00456\x00\r\n\x00\x00789\x00\n", ["456", "789"]),
        (b"456\0\x02789\x03", ["456", "789"]),
        (b" 456 \r", ["456"]),
        (b"10A\x1d21B\r", ["10A\x1d21B"]),
    ],
)
def test_a_line_ends_as_scanners_end_it(data: bytes, codes: list[str]) -> None:
    assert LineScan().feed(data) == [Code(text) for text in codes]


def test_nul_ends_a_code_once_nothing_follows() -> None:
    scan = LineScan()
    assert scan.feed(b"456\0") == []
    assert scan.partial
    assert scan.expire() == Code("456")
    assert not scan.partial
    assert scan.feed(b"1\x001\r22\r") == [Drop.CHARACTERS, Code("22")], "a broken byte"


def test_a_code_that_begins_within_another_leaves_no_half_of_it() -> None:
    assert LineScan().feed(b"12\x02456\x03") == [Drop.UNENDED, Code("456")]


def test_aim_identifiers_on_a_line() -> None:
    assert LineScan().feed(b"]C0789\n") == [Code("789", "]C0")]
    assert LineScan().feed(b"]E04006381333932\r") == [Drop.CHECK]


@given(st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=40))
def test_bytes_one_by_one_are_the_same_code(text: str) -> None:
    data = text.encode() + b"\r\n"
    whole = LineScan().feed(data)
    scan = LineScan()
    assert [result for byte in data for result in scan.feed(bytes([byte]))] == whole
    assert len(whole) == 1


def test_text_in_utf_8_and_garbage() -> None:
    assert LineScan().feed("退货\r".encode()) == [Code("退货")]
    assert LineScan().feed(b"\xff\xfe1\r") == [Drop.CHARACTERS]


def test_an_overlong_line_is_dropped_once() -> None:
    scan = LineScan()
    assert scan.feed(b"1" * (MAX_CHARACTERS * 3)) == [Drop.TOO_LONG]
    assert scan.partial
    assert scan.feed(b"22\r33\r") == [Code("33")]


def test_a_line_that_never_ends_expires_and_its_late_tail_is_no_code() -> None:
    scan = LineScan()
    scan.feed(b"12")
    assert scan.expire() is Drop.UNENDED
    assert scan.partial
    assert scan.feed(b"34\r56\r") == [Code("56")]
    scan.feed(b"78")
    assert (scan.expire(), scan.expire()) == (Drop.UNENDED, None)
    assert not scan.partial
    scan.feed(b"9")
    assert scan.lost() is Drop.OVERRUN
    assert scan.feed(b"56\r") == [Code("56")]


# --- seven bits ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("frame", "even"), [(Frame.SEVEN_EVEN, True), (Frame.SEVEN_ODD, False)])
@pytest.mark.parametrize("end", ["\r", "\r\n", "\n", "\t", "\x03", "\0\r"])
def test_seven_bits_with_parity(frame: Frame, even: bool, end: str) -> None:
    data = with_parity(f"]E0{EAN}{end}\x02R-17{end}", even)
    assert LineScan(frame=frame).feed(data) == [Code(EAN, "]E0"), Code("R-17")]


def test_one_flipped_bit_is_no_code() -> None:
    data = bytearray(with_parity(f"{EAN}\r", even=True))
    data[3] ^= 0x01
    assert LineScan(frame=Frame.SEVEN_EVEN).feed(bytes(data)) == [Drop.CHARACTERS]


@pytest.mark.parametrize(
    ("frame", "data", "said"),
    [
        (Frame.EIGHT_NONE, with_parity(f"{EAN}\n", even=True), Drop.FRAME_7E1),
        (Frame.EIGHT_NONE, with_parity(f"{EAN}\r", even=False), Drop.FRAME_7O1),
        (Frame.SEVEN_EVEN, f"{EAN}\r".encode(), Drop.FRAME_8N1),
        (Frame.SEVEN_EVEN, with_parity(f"{EAN}\r", even=False), Drop.FRAME_7O1),
        (Frame.SEVEN_ODD, with_parity(f"{EAN}\n", even=True), Drop.FRAME_7E1),
    ],
)
def test_other_bits_than_configured_are_told(frame: Frame, data: bytes, said: Drop) -> None:
    assert LineScan(frame=frame).feed(data) == [said]


def test_other_bits_are_told_though_the_end_is_not_seen_for_them() -> None:
    """CR with even parity is 8D: at a port for eight bits such a line never ends."""
    scan = LineScan()
    assert scan.feed(with_parity(f"{EAN}\r", even=True)) == []
    assert scan.expire() is Drop.FRAME_7E1


def test_a_text_in_utf_8_is_no_parity() -> None:
    assert LineScan().feed("退货小票\r".encode()) == [Code("退货小票")]


@given(st.lists(st.binary(max_size=60), max_size=20), st.sampled_from(Frame))
def test_garbage_is_no_crash(chunks: list[bytes], frame: Frame) -> None:
    scan = LineScan(frame=frame)
    for chunk in chunks:
        assert all(isinstance(result, Code | Drop) for result in scan.feed(chunk))
        assert isinstance(scan.expire(), Code | Drop | None)

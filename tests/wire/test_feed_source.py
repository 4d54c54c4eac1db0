"""Whatever wrote a file, its lines are read, numbered, and given back byte for byte (R9)."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.source import MAX_LINE, Encoding, Line, guess, lines_of, of_text

ROWS = ["sale_id;receipt_no", "S1;保温杯", "S2;茶", ""]
WRITTEN = [
    ("utf-8", b"", Encoding.UTF_8),
    ("utf-8", codecs.BOM_UTF8, Encoding.UTF_8),
    ("utf-16-le", codecs.BOM_UTF16_LE, Encoding.UTF_16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE, Encoding.UTF_16_BE),
    ("utf-16-le", b"", Encoding.UTF_16_LE),
    ("utf-16-be", b"", Encoding.UTF_16_BE),
    ("gb18030", b"", Encoding.GB18030),
]

MARKS = {encoding: mark for _, mark, encoding in WRITTEN if mark}


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def read(blocks: list[bytes]) -> list[Line]:
    return list(lines_of(blocks, guess(blocks)))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 3, 7, 4096])
@pytest.mark.parametrize(("name", "mark", "encoding"), WRITTEN)
def test_every_encoding_is_told_and_read(
    name: str, mark: bytes, encoding: Encoding, size: int, end: str
) -> None:
    data = mark + end.join(ROWS).encode(name)
    blocks = cut(data, size)
    assert guess(blocks) is encoding
    lines = read(blocks)
    assert [line.text() for line in lines] == ROWS[:-1]
    assert [line.number for line in lines] == [1, 2, 3]
    assert mark + b"".join(line.raw for line in lines) == data


@pytest.mark.parametrize(("name", "mark", "encoding"), WRITTEN[2:4])
def test_a_mark_tells_what_no_zeros_do(name: str, mark: bytes, encoding: Encoding) -> None:
    """In UTF-16 only ASCII has zero bytes: a file of another kind may have hardly any."""
    blocks = [mark + ("销售记录" * 99 + "\n").encode(name)]
    assert guess(blocks) is encoding
    assert read(blocks)[0].text() == "销售记录" * 99


def test_one_bad_line_does_not_make_another_encoding_of_a_file() -> None:
    good = "茶叶,保温杯\n".encode()
    lines = read([good * 3 + "茶".encode("gb18030") + b"\n" + good])
    assert [line.encoding for line in lines] == [Encoding.UTF_8] * 5
    with pytest.raises(BadLine) as caught:
        lines[3].text()
    assert dict(caught.value.words.values) == {"encoding": "UTF-8", "found": "0xB2"}
    assert lines[4].text() == "茶叶,保温杯"
    other = read(["茶叶,保温杯\n".encode("gb18030") * 3 + b"\xff\n"])
    with pytest.raises(BadLine, match="GB18030"):
        other[3].text()
    assert other[3].raw == b"\xff\n"


def test_half_a_character_at_the_end_is_named() -> None:
    lines = read([codecs.BOM_UTF16_LE + "a\nb".encode("utf-16-le") + b"\x00"])
    assert lines[0].text() == "a"
    with pytest.raises(BadLine):
        lines[1].text()


def test_a_line_without_end_is_cut_and_the_next_one_read() -> None:
    block = b"x" * 65_536

    def endless() -> Iterable[bytes]:
        for _ in range(200):
            yield block
        yield b"\nnext\n"

    long, after = lines_of(endless(), Encoding.UTF_8)
    assert len(long.data) <= 4 * MAX_LINE
    with pytest.raises(BadLine, match="too_long"):
        long.text()
    assert (after.number, after.text()) == (2, "next")


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_bytes_come_back_as_they_were(data: bytes, size: int) -> None:
    """Save the mark."""
    blocks = cut(data, size)
    encoding = guess(blocks)
    raw = b"".join(line.raw for line in lines_of(blocks, encoding))
    assert raw == data.removeprefix(MARKS.get(encoding, b""))


@given(st.text(max_size=50))
def test_a_line_that_was_decoded_already_is_the_same(text: str) -> None:
    assert of_text(1, text).text() == text.rstrip("\r\n")
    assert of_text(1, "\ud800").data == b"\xed\xa0\x80"
    assert of_text(1, "\udcff").data == b"\xff"

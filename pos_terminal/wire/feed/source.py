"""A file's bytes as numbered lines, whatever wrote it: UTF-8, UTF-16 or GB18030.

The marks at the beginning (BOM) tell; without one, zero bytes tell UTF-16, and of the two others
that one it is in which more lines can be read. A line keeps its bytes, so that one that is refused
can be given back as it came. Nothing here holds more than a block and a line.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct

from pos_terminal.wire.feed.bad import BadLine

MAX_LINE: Final = 262_144
"""Characters; a longer line is no sale."""
_MOST_BYTES: Final = 4 * MAX_LINE
"""No line is kept beyond this."""
_HEAD: Final = 4096
_SURE: Final = 200
"""Lines by which one encoding leads, after which nobody looks further."""


class Encoding(StrEnum):
    """Python's names of them."""

    UTF_8 = "utf-8"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    GB18030 = "gb18030"

    @property
    def told(self) -> str:
        """For people."""
        return self.value.upper().removesuffix("-LE").removesuffix("-BE")

    @property
    def mark(self) -> bytes:
        """What a file in it should begin with: nothing, where nothing is needed."""
        return _MARKS.get(self, b"") if self in _WIDE else b""


_MARKS: Final = {
    Encoding.UTF_8: codecs.BOM_UTF8,
    Encoding.UTF_16_LE: codecs.BOM_UTF16_LE,
    Encoding.UTF_16_BE: codecs.BOM_UTF16_BE,
}
_HALF: Final = b"\xff"
"""Stands in no UTF-8: what follows it is half a character, which is none."""
_WIDE: Final = frozenset({Encoding.UTF_16_LE, Encoding.UTF_16_BE})


class Line(Struct, frozen=True):
    """One line as it came, with its end."""

    number: int
    data: bytes
    """In ``encoding``; of UTF-16 in UTF-8, with what is no text there as lone surrogates."""
    encoding: Encoding = Encoding.UTF_8
    cut: bool = False
    """It was longer, and only its beginning is here."""

    @property
    def raw(self) -> bytes:
        """Byte for byte as it stood in the file."""
        if self.encoding not in _WIDE:
            return self.data
        whole, _, half = self.data.partition(_HALF)
        return whole.decode("utf-8", "surrogatepass").encode(self.encoding, "surrogatepass") + half

    def decoded(self) -> str:
        """As it is, with what is no text as ``surrogateescape`` makes it of bytes."""
        encoding = Encoding.UTF_8 if self.encoding in _WIDE else self.encoding
        return self.data.decode(encoding, "surrogateescape")

    def text(self) -> str:
        """Without its end. BadLine where it is too long or no text."""
        if self.cut or (len(self.data) > MAX_LINE and len(_decoded(self)) > MAX_LINE):
            raise BadLine("too_long", most=MAX_LINE)
        return _decoded(self).rstrip("\r\n")


def of_text(number: int, text: str, encoding: Encoding = Encoding.UTF_8) -> Line:
    """A line that somebody decoded already; what was no text may stand in it as ``surrogateescape``
    makes it of bytes."""
    inner = Encoding.UTF_8 if encoding in _WIDE else encoding
    try:
        return Line(number, text.encode(inner, "surrogateescape"), encoding)
    except UnicodeEncodeError:
        return Line(number, text.encode("utf-8", "surrogatepass"))


def guess(blocks: Iterable[bytes]) -> Encoding:
    """By the file's beginning, and by as many of its lines as are needed."""
    iterator = iter(blocks)
    head = b""
    for block in iterator:
        head += block
        if len(head) >= _HEAD:
            break
    for encoding, mark in _MARKS.items():
        if head.startswith(mark):
            return encoding
    even, odd = head[:_HEAD:2].count(0), head[1:_HEAD:2].count(0)
    if max(even, odd) * 8 > min(len(head), _HEAD):
        return Encoding.UTF_16_BE if even > odd else Encoding.UTF_16_LE
    return _by_lines(_chained(head, iterator))


def _by_lines(blocks: Iterable[bytes]) -> Encoding:
    lead = 0
    for data, _ in _split(blocks):
        if data.isascii():
            continue
        if _reads(data, Encoding.UTF_8):
            lead += 1
        elif _reads(data, Encoding.GB18030):
            lead -= 1
        if abs(lead) >= _SURE:
            break
    return Encoding.GB18030 if lead < 0 else Encoding.UTF_8


def lines_of(blocks: Iterable[bytes], encoding: Encoding) -> Iterator[Line]:
    """Every line, empty ones too, numbered from 1, without the mark at the beginning."""
    narrow = _narrowed(blocks, encoding) if encoding in _WIDE else blocks
    for number, (data, cut) in enumerate(_split(narrow), 1):
        marked = number == 1 and encoding is not Encoding.GB18030
        yield Line(number, data.removeprefix(codecs.BOM_UTF8) if marked else data, encoding, cut)


def _decoded(line: Line) -> str:
    encoding = Encoding.UTF_8 if line.encoding in _WIDE else line.encoding
    try:
        return line.data.decode(encoding)
    except UnicodeDecodeError as error:
        found = f"0x{line.data[error.start]:02X}"
        raise BadLine("encoding", encoding=line.encoding.told, found=found) from None


def _reads(data: bytes, encoding: Encoding) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _chained(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _narrowed(blocks: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """UTF-16 as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    if half := decoder.getstate()[0]:
        yield _HALF + half


def _split(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Lines with their ends (LF, CR LF or CR), and whether each was cut."""
    rest, cut = b"", False
    for block in blocks:
        lines = (rest + block).splitlines(keepends=True)
        # a line without an end, or a CR whose LF may be in the next block
        rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            yield line[:_MOST_BYTES], cut or len(line) > _MOST_BYTES
            cut = False
        if len(rest) > _MOST_BYTES:
            rest, cut = rest[:_MOST_BYTES], True
    if rest:
        yield rest, cut

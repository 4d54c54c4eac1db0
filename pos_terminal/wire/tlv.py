"""BER-TLV as EMV cards speak it (EMV Book 3, annex B; ISO/IEC 8825-1), read strictly.

Nothing that a card says about lengths is believed without looking: a value that does not fit, a
length of indefinite form, a tag that does not end are errors, never a guess or a shortened value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from msgspec import Struct

MAX_TAG_BYTES: Final = 4
MAX_DEPTH: Final = 8
_OPENED: Final = frozenset(("6F", "A5", "61", "70", "77"))
"""The templates that something is looked for in (EMV Book 1, 11.3 and 12.2; Book 3, 6.5.8)."""
_ISSUERS: Final = "BF0C"
"""Opened too, for the directory of a tap; else it is the issuer's own, and may be no template."""
_FILLERS: Final = (0x00, 0xFF)
"""May stand between objects, also inside templates."""


class TlvError(ValueError):
    """The bytes are no TLV. The message never repeats them: they may be a card number."""


class Tlv(Struct, frozen=True):
    """One data object. ``tag`` is upper-case hex, ``"9F38"``; its repr leaves the value out."""

    tag: str
    value: bytes
    children: tuple[Tlv, ...] = ()
    """The objects inside a template, in order, duplicates kept; empty for a primitive object, and
    for a template that nobody needs: what is in there refuses nothing."""

    def __repr__(self) -> str:
        return f"Tlv({self.tag}, {len(self.value)} bytes)"


def parse(data: bytes) -> tuple[Tlv, ...]:
    """All objects of ``data``, in order. Raises TlvError."""
    return _parse(data, 1)


def _parse(data: bytes, depth: int) -> tuple[Tlv, ...]:
    objects = []
    at = 0
    while at < len(data):
        if data[at] in _FILLERS:
            at += 1
            continue
        if depth > MAX_DEPTH:
            raise TlvError(f"templates are nested deeper than {MAX_DEPTH}")
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        if length > len(data) - at:
            raise TlvError(f"{tag} claims {length} bytes where {len(data) - at} are left")
        value = data[at : at + length]
        at += length
        objects.append(Tlv(tag, value, _children(tag, value, depth + 1)))
    return tuple(objects)


def _children(tag: str, value: bytes, depth: int) -> tuple[Tlv, ...]:
    if tag in _OPENED:
        return _parse(value, depth)
    if tag == _ISSUERS:
        with suppress(TlvError):
            return _parse(value, depth)
    return ()


def _tag(data: bytes, start: int) -> tuple[str, int]:
    """The tag as hex, and where its length begins."""
    end = start + 1
    if data[start] & 0x1F == 0x1F:
        while True:
            if end >= len(data):
                raise TlvError("a tag does not end")
            if end - start >= MAX_TAG_BYTES:
                raise TlvError(f"a tag is longer than {MAX_TAG_BYTES} bytes")
            end += 1
            if not data[end - 1] & 0x80:
                break
    return data[start:end].hex().upper(), end


def _length(data: bytes, at: int) -> tuple[int, int]:
    """The length in bytes, and where the value begins."""
    if at >= len(data):
        raise TlvError("a length is missing")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if not 1 <= count <= 3:
        raise TlvError(f"a length begins with {first:02X}")
    if at + 1 + count > len(data):
        raise TlvError("a length does not end")
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count


def walk(objects: Iterable[Tlv]) -> Iterator[Tlv]:
    """Every object, templates before what is in them."""
    for item in objects:
        yield item
        yield from walk(item.children)


def every(objects: Iterable[Tlv], tag: str) -> tuple[bytes, ...]:
    """The values of all objects with this tag, at any depth, in order."""
    return tuple(item.value for item in walk(objects) if item.tag == tag)


def first(objects: Iterable[Tlv], tag: str) -> bytes | None:
    """The first value with this tag, at any depth."""
    return next((item.value for item in walk(objects) if item.tag == tag), None)


def parse_dol(data: bytes) -> tuple[tuple[str, int], ...]:
    """A data object list (PDOL): (tag, length in bytes) pairs. Raises TlvError."""
    wanted = []
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        if at >= len(data):
            raise TlvError(f"the list gives no length for {tag}")
        wanted.append((tag, data[at]))
        at += 1
    return tuple(wanted)


def encode(tag: str, value: bytes) -> bytes:
    """One object with the shortest length form, for values under 16 MiB."""
    size = len(value)
    if size < 0x80:
        return bytes.fromhex(tag) + bytes((size,)) + value
    count = (size.bit_length() + 7) // 8
    if count > 3:
        raise TlvError("a value is longer than a length can say")
    return bytes.fromhex(tag) + bytes((0x80 | count,)) + size.to_bytes(count, "big") + value

"""Strict BER-TLV, with ber-tlv as the oracle for what is valid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from ber_tlv.tlv import Tlv as Oracle
from hypothesis import given
from hypothesis import strategies as st

from pos_terminal.wire.tlv import (
    MAX_DEPTH,
    Tlv,
    TlvError,
    encode,
    every,
    first,
    parse,
    parse_dol,
    walk,
)

Tree = tuple[str, Any]
"""A tag, and its bytes or its children."""
PRIMITIVE = ("5A", "57", "9F24", "9F38", "82", "DF8104")
CONSTRUCTED = ("6F", "A5", "70", "77", "BF0C", "61")

leaf = st.tuples(st.sampled_from(PRIMITIVE), st.binary(min_size=1, max_size=300))
# Nothing empty: the oracle swallows templates that end in an empty object.
tree = st.recursive(
    leaf,
    lambda inner: st.tuples(st.sampled_from(CONSTRUCTED), st.lists(inner, min_size=1, max_size=4)),
    max_leaves=12,
)


def encoded(item: Tree) -> bytes:
    tag, content = item
    if isinstance(content, bytes):
        return encode(tag, content)
    return encode(tag, b"".join(encoded(child) for child in content))


def depth(item: Tree) -> int:
    _, content = item
    if isinstance(content, bytes):
        return 1
    return 1 + max((depth(child) for child in content), default=0)


def plain(objects: Iterable[Tlv]) -> list[Any]:
    """As the oracle gives it: (tag, value or list)."""
    return [
        (int(item.tag, 16), plain(item.children) if item.children else item.value)
        for item in objects
    ]


def oracle(data: bytes) -> list[Any]:
    def tidy(items: list[Any]) -> list[Any]:
        return [(tag, tidy(value) if isinstance(value, list) else value) for tag, value in items]

    return tidy(Oracle.parse(data))


@given(st.lists(tree.filter(lambda item: depth(item) <= MAX_DEPTH), max_size=4))
def test_valid_input_reads_as_the_oracle_reads_it(items: list[Tree]) -> None:
    data = b"".join(encoded(item) for item in items)
    assert plain(parse(data)) == oracle(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        objects = parse(data)
    except TlvError:
        return
    for item in walk(objects):
        assert item.value in data
        assert all(child.value in item.value for child in item.children)


@given(tree.filter(lambda item: depth(item) <= MAX_DEPTH), st.data())
def test_a_cut_object_is_refused_never_shortened(item: Tree, data: st.DataObject) -> None:
    whole = encoded(item)
    cut = data.draw(st.integers(1, len(whole) - 1))
    if len(bytes.fromhex(item[0])) <= cut:
        with pytest.raises(TlvError):
            parse(whole[:cut])


@pytest.mark.parametrize(
    "data",
    [
        "5A",
        "5A80",
        "5A0412",
        "5A840000000112",
        "5A8500",
        "5A81",
        "9F",
        "9F81818101",
        "6F035A0412",
        "70045A031234",
    ],
)
def test_broken_objects_are_refused(data: str) -> None:
    with pytest.raises(TlvError):
        parse(bytes.fromhex(data))


@pytest.mark.parametrize("tag", ["BF0C", "E1", "73", "BF20", "BF8104"])
@pytest.mark.parametrize("inside", ["9F", "5A0412", "5A80"])
def test_a_template_that_nobody_needs_refuses_nothing(tag: str, inside: str) -> None:
    """What stands beside it is there all the same; the template itself must fit its parent."""
    odd = encode(tag, bytes.fromhex(inside))
    beside = encode("9F38", bytes.fromhex("9F0206"))
    found = parse(encode("6F", odd + beside))
    assert first(found, "9F38") == bytes.fromhex("9F0206")
    assert first(found, tag) == bytes.fromhex(inside)
    assert first(found, "5A") is None
    with pytest.raises(TlvError):
        parse(encode("6F", odd[:-1]))


def test_nesting_is_bounded() -> None:
    data = b""
    for _ in range(MAX_DEPTH):
        data = encode("6F", data)
    assert len(list(walk(parse(data)))) == MAX_DEPTH
    with pytest.raises(TlvError):
        parse(encode("6F", encode("6F", data)))


def test_fillers_between_objects_are_skipped() -> None:
    data = bytes.fromhex("0000 5A0112 FF00 700600 5A0134 FF00 00".replace(" ", ""))
    assert every(parse(data), "5A") == (b"\x12", b"\x34")


def test_duplicates_keep_their_order_and_the_first_is_found_at_any_depth() -> None:
    objects = parse(bytes.fromhex("6F03 500141 500142".replace(" ", "")))
    assert every(objects, "50") == (b"A", b"B")
    assert first(objects, "50") == b"A"
    assert first(objects, "87") is None


def test_longer_length_forms_than_needed_are_read() -> None:
    assert parse(bytes.fromhex("5A8300000112")) == (Tlv("5A", b"\x12"),)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_encode_and_parse_agree(size: int) -> None:
    assert parse(encode("9F24", bytes(size))) == (Tlv("9F24", bytes(size)),)


def test_a_repr_shows_no_value() -> None:
    assert "4761739001010010" not in repr(parse(bytes.fromhex("5A084761739001010010")))


def test_a_list_of_wanted_objects() -> None:
    assert parse_dol(bytes.fromhex("9F66045F2A02")) == (("9F66", 4), ("5F2A", 2))
    for broken in ("9F66", "9F", "5F2A029F"):
        with pytest.raises(TlvError):
            parse_dol(bytes.fromhex(broken))

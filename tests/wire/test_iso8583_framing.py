"""Bodies come out whole, however the line cuts the bytes; garbage ends the stream."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_terminal import profiles
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.profile import Profile

CUP = profiles.load("cup")
GENERIC = profiles.load("generic")


@given(
    bodies=st.lists(st.binary(min_size=1, max_size=300), max_size=5),
    cuts=st.lists(st.integers(1, 40), min_size=1),
)
@settings(max_examples=100, deadline=None)
def test_any_cut_gives_the_same_bodies(bodies: list[bytes], cuts: list[int]) -> None:
    reader = FrameReader(CUP)
    stream = b"".join(len(body).to_bytes(2, "big") + body for body in bodies)
    got: list[bytes] = []
    turn = 0
    while stream:
        size = cuts[turn % len(cuts)]
        got += reader.feed(stream[:size])
        stream, turn = stream[size:], turn + 1
    assert got == bodies
    assert not reader.half


def test_half_a_frame_waits() -> None:
    reader = FrameReader(CUP)
    assert reader.feed(b"\x00\x05abc") == []
    assert reader.half
    assert reader.feed(b"de") == [b"abcde"]
    assert not reader.half


def test_digits_in_front() -> None:
    assert FrameReader(GENERIC).feed(b"0003abc0001d") == [b"abc", b"d"]


@pytest.mark.parametrize(
    ("profile", "garbage"),
    [
        (CUP, b"\xff\xff"),
        (CUP, b"\x00\x00"),
        (CUP, b"GET / HTTP/1.1\r\n"),
        (GENERIC, b"00 5"),
        (GENERIC, b"9999"),
        (GENERIC, "\u0661\u0662".encode()),
    ],
)
def test_garbage_ends_the_stream_and_is_not_kept(profile: Profile, garbage: bytes) -> None:
    reader = FrameReader(profile)
    with pytest.raises(FrameError):
        reader.feed(garbage)
    with pytest.raises(FrameError):
        reader.feed(b"\x00\x03abc")
    assert not reader.half


def test_a_good_frame_before_garbage_is_not_lost() -> None:
    reader = FrameReader(CUP)
    assert reader.feed(b"\x00\x03abc\xff\xff\xff") == [b"abc"]
    with pytest.raises(FrameError):
        reader.feed(b"")

"""The MAC of this standard stops accidents and not people: what docs/security.md says, shown.

It encrypts the exclusive-or of all 8-byte blocks. Whatever keeps that sum keeps the MAC, and needs
no key: blocks may change places, and what is changed in one byte may be changed back in another
of the same column. Nobody can mend that on one side; TLS, or a VPN, keeps people off the line.
"""

from __future__ import annotations

import secrets
from contextlib import suppress

import pytest
from worlds.acquirer import TERMINAL, a_sale, request_of

from pos_terminal.core.answers import Trust
from pos_terminal.profiles import load
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.mac import BLOCK, mac
from pos_terminal.wire.iso8583.matching import answer_mti, matches
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.requests import refund

CODECS = {name: Codec(load(name)) for name in ("cup", "generic")}
ANY_CODEC = pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS.keys())
PAN = "6250947000000014"


def a_refund(codec: Codec) -> Message:
    """Of 100.00."""
    return refund(codec.profile, request_of(TERMINAL, a_sale(PAN), "000017"))


@pytest.mark.parametrize("size", [8, 16])
def test_two_blocks_that_change_places_keep_the_mac(size: int) -> None:
    key = secrets.token_bytes(size)
    blocks = [secrets.token_bytes(BLOCK) for _ in range(12)]
    honest = mac(key, b"".join(blocks))
    blocks[3], blocks[8] = blocks[8], blocks[3]
    assert mac(key, b"".join(blocks)) == honest
    blocks[3] = bytes([blocks[3][0] ^ 1]) + blocks[3][1:]
    assert mac(key, b"".join(blocks)) != honest, "one bit by accident does not"


def change(body: bytes, at: int, new: bytes, *, back_at: int) -> bytes:
    """``new`` stands at ``at``; at ``back_at``, in the same column, it is made up for."""
    assert (at - back_at) % BLOCK == 0
    forged = bytearray(body)
    for place, byte in enumerate(new):
        difference = body[at + place] ^ byte
        forged[at + place] ^= difference
        forged[back_at + place] ^= difference
    return bytes(forged)


@ANY_CODEC
def test_a_decline_becomes_an_approval_without_any_key(codec: Codec) -> None:
    """Field 39 is turned from 51 to 00, and the RRN of the answer, which nobody can know
    beforehand, makes up for it: the answer is ours, its MAC valid, and it says *paid*."""
    key, request = secrets.token_bytes(16), a_refund(codec)
    answer = {number: request.fields[number] for number in (3, 4, 11, 41, 42, 49, 60)}
    mti = answer_mti(codec.profile, request)
    assert mti is not None
    declined = Message(mti, {**answer, 37: "632414000017", 38: "000000", 39: "51"})
    (body,) = FrameReader(codec.profile).feed(codec.encode(declined, key))
    at = body.index(b"51" + request.fields[41].encode())
    forged = codec.decode(change(body, at, b"00", back_at=at - BLOCK))
    assert forged.message.get(39) == "00"
    assert codec.trust(forged, key) is Trust.VALID
    assert matches(codec.profile, request, forged.message) is None
    assert forged.message.get(37) != "632414000017"


def packed(amount: str, body: bytes, of: Message) -> bytes:
    """As it stands in the message: by digits, or two of them in a byte."""
    return amount.encode() if of.fields[4].encode() in body else bytes.fromhex(amount)


@ANY_CODEC
def test_a_hundred_become_nine_hundred_without_any_key(codec: Codec) -> None:
    """Of a request, on its way to the acquirer: its amount, made up for in another field."""
    key, request, wanted = secrets.token_bytes(16), a_refund(codec), "000000090000"
    (body,) = FrameReader(codec.profile).feed(codec.encode(request, key))
    at = body.index(packed(request.fields[4], body, request))
    there = packed(wanted, body, request)
    taken = []
    for place in range(at + BLOCK, len(body) - 2 * BLOCK, BLOCK):
        with suppress(FrameError):
            forged = codec.decode(change(body, at, there, back_at=place))
            if forged.message.get(4) == wanted and forged.message.get(2) == PAN:
                taken.append(codec.trust(forged, key))
    assert Trust.VALID in taken


@ANY_CODEC
def test_a_mac_that_is_none_is_a_wrong_one(codec: Codec) -> None:
    """Where it goes by digits, somebody may send others."""
    key = secrets.token_bytes(16)
    (body,) = FrameReader(codec.profile).feed(codec.encode(Message("0230", {39: "00"}), key))
    for garbage in (b"?" * 8, b"zzzzzzzz", b"        "):
        forged = codec.decode(body[:-8] + garbage)
        assert codec.trust(forged, key) is Trust.WRONG

"""The published test vector, whole: frame, fields, MAC, check value, and the builder."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pos_terminal import profiles
from pos_terminal.core.answers import Trust
from pos_terminal.core.pan import Pan
from pos_terminal.wire.iso8583 import mac, requests
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.requests import EntryMode, RefundRequest

FRAME = bytes.fromhex(
    "0077600000000061310031000002207024068008C0801B1662299900000000042000000000000123450000"
    "42301205200001003132333435363738393031323132333435363738383938333130303030303030303031"
    "3135360013250000010005000016000001000017091200033030304333463642303542"
)
MAK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
REFUND = RefundRequest(
    pan=Pan("6229990000000004"),
    amount=12345,
    stan="000042",
    batch="000001",
    terminal_id="12345678",
    merchant_id="898310000000001",
    entry=EntryMode.CHIP,
    currency="156",
    reader="5",
    expiry="3012",
    card_sequence="001",
    original_rrn="123456789012",
    original_batch="000001",
    original_trace="000017",
    original_mmdd="0912",
)


@pytest.fixture
def codec() -> Codec:
    return Codec(profiles.load("cup"))


def test_the_vector_is_read(codec: Codec) -> None:
    (body,) = FrameReader(codec.profile).feed(FRAME)
    decoded = codec.decode(body)
    message = decoded.message
    assert message.mti == "0220"
    assert message.tpdu == "6000000000"
    assert message.header.digits() == "613100310000"
    assert message.fields == {
        2: "6229990000000004",
        3: "200000",
        4: "000000012345",
        11: "000042",
        14: "3012",
        22: "052",
        23: "001",
        25: "00",
        37: "123456789012",
        41: "12345678",
        42: "898310000000001",
        49: "156",
        60: "2500000100050",
        61: "0000010000170912",
        63: "000",
        64: b"C3F6B05B".hex().upper(),
    }
    assert mac.folded(decoded.mab).hex().upper() == "A730682D350C57C4"
    assert codec.mac_ok(decoded, MAK)
    assert codec.trust(decoded, bytes(16)) is Trust.WRONG
    assert codec.trust(decoded, None) is Trust.WRONG


def test_the_check_value_of_the_vector() -> None:
    assert mac.check_value(MAK).hex().upper() == "08D7B4FB"


def test_the_builder_and_the_codec_make_the_vector(codec: Codec) -> None:
    # the vector's terminal has class 61 as its constant
    header = codec.profile.frame.header
    assert header is not None
    frame = replace(codec.profile.frame, header=replace(header, application_class="61"))
    codec = Codec(replace(codec.profile, frame=frame))
    assert codec.encode(requests.refund(codec.profile, REFUND), MAK) == FRAME


def test_every_bit_of_the_mab_counts(codec: Codec) -> None:
    body = bytearray(FRAME[2:])
    for at in range(11, len(body) - 8):
        body[at] ^= 1
        assert mac.mac(MAK, bytes(body[11:-8])) != body[-8:], at
        body[at] ^= 1


def test_a_single_length_mak_is_plain_des() -> None:
    key = MAK[:8]
    # 3DES with K, K is DES with K, so both must agree
    assert mac.mac(key, b"message") == mac.mac(key * 2, b"message")
    assert mac.mac(key, b"message") != mac.mac(MAK, b"message")


def test_a_request_is_never_sent_without_its_mac(codec: Codec) -> None:
    with pytest.raises(ValueError, match="without its MAC"):
        codec.encode(requests.refund(codec.profile, REFUND), None)


def test_neither_messages_nor_their_bytes_print_the_card(codec: Codec) -> None:
    decoded = codec.decode(FRAME[2:])
    assert "6229990000000004" not in f"{decoded} {decoded!r} {REFUND!r}"
    assert "622999******0004" in repr(decoded)
    assert "3012" not in repr(REFUND)

"""Any message that fits the field table survives the line; anything else is a FrameError."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_terminal import profiles
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.framing import FrameReader
from pos_terminal.wire.iso8583.message import Header, Message
from pos_terminal.wire.iso8583.profile import FieldRule

CODECS = {name: Codec(profiles.load(name)) for name in profiles.names()}
MAK = secrets.token_bytes(16)
PAN = "4761739001010010"
ANY_CODEC = pytest.mark.parametrize("name", sorted(CODECS))


def values(rule: FieldRule) -> st.SearchStrategy[str]:
    least = 1 if rule.prefix else rule.length
    if rule.kind == "b":
        return st.binary(min_size=least, max_size=rule.length).map(lambda data: data.hex().upper())
    alphabet = {"n": "0123456789", "z": "0123456789=", "an": "AZaz09 "}.get(rule.kind, " ~AZ%/0")
    return st.text(alphabet, min_size=least, max_size=rule.length)


@st.composite
def messages(draw: st.DrawFn, codec: Codec) -> Message:
    rules = {n: rule for n, rule in codec.profile.fields.items() if n != 64}
    chosen = draw(st.sets(st.sampled_from(sorted(rules)), min_size=1, max_size=12))
    fields = {number: draw(values(rules[number])) for number in sorted(chosen)}
    mti = draw(st.sampled_from(["0210", "0230", "0410"]))
    if codec.profile.frame.header is None:
        return Message(mti, fields)
    header = Header("60", "31", "1", draw(st.sampled_from("0123456")), "310000")
    return Message(mti, fields, header, "6012345678")


@ANY_CODEC
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_round_trip(name: str, data: st.DataObject) -> None:
    codec = CODECS[name]
    message = data.draw(messages(codec))
    signed = data.draw(st.booleans())
    (body,) = FrameReader(codec.profile).feed(codec.encode(message, MAK if signed else None))
    decoded = codec.decode(body)
    assert decoded.message.with_fields({64: None}) == message.with_fields({})
    assert codec.mac_ok(decoded, MAK) is signed


@ANY_CODEC
@given(data=st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_garbage_is_a_frame_error_and_nothing_else(name: str, data: bytes) -> None:
    decodes_or_frame_error(CODECS[name], data)


@ANY_CODEC
@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_messages_are_frame_errors_and_nothing_else(name: str, data: st.DataObject) -> None:
    codec = CODECS[name]
    body = bytearray(codec.encode(data.draw(messages(codec)), MAK)[2:])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    del body[data.draw(st.integers(0, len(body))) :]
    decodes_or_frame_error(codec, bytes(body))


def decodes_or_frame_error(codec: Codec, body: bytes) -> None:
    try:
        decoded = codec.decode(body)
    except FrameError:
        return
    # what was understood can be used: checked, shown and printed
    codec.trust(decoded, MAK)
    assert all(text.isascii() and text.isprintable() for text in decoded.message.shown().values())
    codec.profile.function(decoded.message)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({2: "4" * 20}, "field 2"),
        ({63: "A" * 164}, "field 63"),
        ({62: "AB" * 513}, "field 62"),
        ({4: "12"}, "field 4"),
        ({4: "00000000001A"}, "field 4"),
        ({35: "4761=30F1"}, "field 35"),
        ({37: "1234567890é1"}, "text field"),
        ({44: "line\nbreak"}, "text field"),
        ({5: "000000000000"}, "field 5"),
        ({70: "001"}, "field"),
    ],
)
@ANY_CODEC
def test_a_value_that_does_not_fit_is_refused(
    name: str, fields: dict[int, str], named: str
) -> None:
    with pytest.raises(FrameError, match=named):
        CODECS[name].encode(Message("0210", fields), None)


@ANY_CODEC
def test_errors_carry_no_card_data(name: str) -> None:
    codec = CODECS[name]
    good = codec.encode(Message("0210", {2: PAN, 39: "00"}), None)[2:]
    for attempt in (
        lambda: codec.encode(Message("0210", {2: PAN, 4: "1"}), None),
        lambda: codec.decode(good[2 * (codec.profile.frame.length == "ascii4") : -1]),
    ):
        with pytest.raises(FrameError) as caught:
            attempt()
        error = caught.value
        assert PAN not in str(error)
        assert error.__context__ is None
        assert error.__cause__ is None


def test_an_odd_number_of_digits_is_padded_where_the_table_says() -> None:
    packed = CODECS["cup"].encode(Message("0210", {22: "052", 23: "001", 32: "123"}), None)
    assert packed.hex().endswith("0520" + "0001" + "031230")


def test_control_characters_of_a_host_reach_nobody() -> None:
    codec = CODECS["cup"]
    body = codec.encode(Message("0230", {39: "00", 44: "ABCD"}), None)[2:]
    decoded = codec.decode(body.replace(b"ABCD", b"\x1b[2\xff"))
    assert decoded.message.get(44) == "?[2?"
    assert decoded.message.get(39) == "00"


def test_letters_in_a_numeric_field_are_refused() -> None:
    codec = CODECS["cup"]
    body = codec.encode(Message("0230", {4: "000000012345", 39: "00"}), None)[2:]
    with pytest.raises(FrameError, match="field 4"):
        codec.decode(body.replace(bytes.fromhex("012345"), bytes.fromhex("01234F")))


def test_a_secondary_bitmap_is_refused_not_a_crash() -> None:
    body = bytes.fromhex("6000000000" + "613100310000" + "0210" + "8000000000000001" + "00" * 20)
    with pytest.raises(FrameError, match="field table"):
        CODECS["cup"].decode(body)


def test_a_foreign_tpdu_is_refused() -> None:
    with pytest.raises(FrameError, match="TPDU"):
        CODECS["cup"].decode(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_header_that_does_not_fit_is_refused() -> None:
    with pytest.raises(FrameError, match="header"):
        CODECS["cup"].encode(Message("0830", {39: "00"}, Header(sub_version="1")), None)


@pytest.mark.parametrize("mti", ["0800", "0810", "0820", "0830", "0500", "0510", "0320", "0330"])
@ANY_CODEC
def test_what_moves_no_money_has_no_mac(name: str, mti: str) -> None:
    codec = CODECS[name]
    (body,) = FrameReader(codec.profile).feed(codec.encode(Message(mti, {11: "000001"}), MAK))
    assert codec.decode(body).message.fields == {11: "000001"}


@pytest.mark.parametrize("mti", ["0200", "0210", "0220", "0230", "0400", "0410"])
def test_what_moves_money_has_its_mac(mti: str) -> None:
    codec = CODECS["cup"]
    (body,) = FrameReader(codec.profile).feed(codec.encode(Message(mti, {11: "000001"}), MAK))
    assert codec.mac_ok(codec.decode(body), MAK)

"""Each request of the message table has exactly the fields that the table names."""

from __future__ import annotations

from typing import Literal

import pytest
from msgspec.structs import replace
from worlds.sales import a_request

from pos_terminal import profiles
from pos_terminal.core.answers import ReversalReason
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Function, Profile
from pos_terminal.wire.iso8583.requests import EntryMode, SignOnRequest, Station

CUP = profiles.load("cup")
GENERIC = profiles.load("generic")
STATION = Station(terminal_id="12345678", merchant_id="898310000000001", batch="000007")
SIGN_ON = SignOnRequest(
    terminal_id="12345678", merchant_id="898310000000001", batch="000007", stan="000001"
)
REQUEST = a_request("6228480402564890018", original_auth="A1B2C3")


def fields(message: Message) -> set[int]:
    return set(message.fields)


def test_sign_on() -> None:
    message = requests.sign_on(CUP, SIGN_ON)
    assert message.mti == "0800"
    assert fields(message) == {11, 41, 42, 60, 63}
    assert message.get(60) == "00" + "000007" + "003"
    assert message.get(63) == "001"
    assert CUP.function(message) is Function.SIGN_ON


@pytest.mark.parametrize("variant", ["001", "004"])
def test_sign_on_variants(variant: str) -> None:
    message = requests.sign_on(CUP, replace(SIGN_ON, variant=variant))
    assert message.get(60) == "00000007" + variant
    assert CUP.function(message) is Function.SIGN_ON


def test_sign_off_and_echo() -> None:
    off, echo = requests.sign_off(CUP, STATION, "000002"), requests.echo(CUP, STATION)
    assert (off.mti, fields(off), off.get(60)) == ("0820", {11, 41, 42, 60}, "00000007002")
    assert (echo.mti, fields(echo), echo.get(60)) == ("0820", {41, 42, 60}, "00000007301")
    assert CUP.function(off) is Function.SIGN_OFF
    assert CUP.function(echo) is Function.ECHO


def test_refund() -> None:
    message = requests.refund(CUP, REQUEST)
    assert message.mti == "0220"
    assert fields(message) == {2, 3, 4, 11, 22, 25, 37, 38, 41, 42, 49, 60, 61, 63}
    assert message.get(3) == "200000"
    assert message.get(22) == "072"
    assert message.get(60) == "25" + "000007" + "000" + "6" + "0"
    assert message.get(61) == "000005" + "000017" + "1120"
    assert message.header.application_class == "60"


def test_14_and_23_only_where_the_card_gave_them() -> None:
    given = requests.refund(CUP, replace(REQUEST, expiry="3012", card_sequence="001"))
    assert (given.get(14), given.get(23)) == ("3012", "001")


def test_a_typed_number_is_not_a_chip() -> None:
    message = requests.refund(CUP, replace(REQUEST, entry=EntryMode.MANUAL))
    assert message.header.application_class == "60"
    assert message.get(22) == "012"


def test_void() -> None:
    message = requests.void(CUP, REQUEST)
    assert message.mti == "0200"
    assert fields(message) == {2, 3, 4, 11, 22, 25, 37, 38, 41, 42, 49, 60, 61}
    assert message.get(60) == "2300000700060"
    assert message.get(61) == "000005000017", "batch and trace, twelve digits exactly"
    assert CUP.function(message) is Function.VOID


def test_a_void_needs_the_authorisation_code() -> None:
    with pytest.raises(ValueError, match="field 38"):
        requests.void(CUP, replace(REQUEST, original_auth=None))


def test_reversal_of_a_void() -> None:
    original = requests.void(CUP, replace(REQUEST, expiry="3012")).with_fields({64: "00" * 8})
    message = requests.reversal(CUP, original, ReversalReason.NO_ANSWER)
    assert message.mti == "0400"
    assert fields(message) == {2, 3, 4, 11, 14, 22, 25, 38, 39, 41, 42, 49, 60, 61}
    assert message.get(39) == "98"
    for number in (2, 3, 4, 11, 25, 60, 61):
        assert message.get(number) == original.get(number)
    assert CUP.function(message) is Function.REVERSAL


@pytest.mark.parametrize(
    ("reason", "field_39"),
    [
        (ReversalReason.NO_ANSWER, "98"),
        (ReversalReason.BAD_MAC, "A0"),
        (ReversalReason.OTHER, "06"),
    ],
)
def test_why_a_void_is_taken_back(reason: ReversalReason, field_39: str) -> None:
    assert requests.reversal(CUP, requests.void(CUP, REQUEST), reason).get(39) == field_39


def test_a_refund_of_cup_is_never_reversed() -> None:
    with pytest.raises(ValueError, match="never reversed"):
        requests.reversal(CUP, requests.refund(CUP, REQUEST))


def test_a_repeat_is_the_identical_message() -> None:
    original = requests.refund(CUP, REQUEST)
    assert requests.repeat(CUP, original) == original
    assert requests.repeat(CUP, original.with_fields({64: "00" * 8})) == original


def test_another_acquirer_reverses_refunds_and_repeats_with_0221() -> None:
    original = requests.refund(GENERIC, REQUEST)
    assert original.mti == "0200"
    assert requests.repeat(GENERIC, original).mti == "0221"
    assert requests.repeat(GENERIC, original).fields == original.fields
    assert requests.reversal(GENERIC, original).get(11) == original.get(11)
    assert GENERIC.function(original) is Function.REFUND
    assert GENERIC.function(requests.repeat(GENERIC, original)) is Function.REFUND


def test_sale_of_the_simulator() -> None:
    message = requests.sale(CUP, REQUEST)
    assert fields(message) == {2, 3, 4, 11, 22, 25, 41, 42, 49, 60}
    assert CUP.function(message) is Function.SALE


@pytest.mark.parametrize("amount", [0, -1, 1_000_000_000_000])
def test_an_amount_that_field_4_does_not_carry(amount: int) -> None:
    with pytest.raises(ValueError, match="amount"):
        requests.refund(CUP, replace(REQUEST, amount=amount))


def test_a_batch_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="batch"):
        requests.refund(CUP, replace(REQUEST, original_batch="17"))


def test_an_unknown_request_has_no_function() -> None:
    assert CUP.function(Message("0100", {3: "000000"})) is None
    assert CUP.function(Message("0200", {3: "200000", 60: "99"})) is None


# --- what differs between acquirers: settlement.md, section 6 -------------------------------------


@pytest.mark.parametrize("profile", [CUP, GENERIC])
def test_the_original_of_a_refund_is_known_or_zeros_and_its_day(profile: Profile) -> None:
    known = requests.refund(profile, REQUEST).get(61)
    zero = requests.refund(replace(profile, original_61="zero"), REQUEST).get(61)
    assert (known, zero) == ("0000050000171120", "0000000000001120")
    nobody = replace(REQUEST, original_batch="", original_trace="")
    assert requests.refund(profile, nobody).get(61) == "0000000000001120"
    # a void's is its own sale's in any case
    assert requests.void(replace(profile, original_61="zero"), REQUEST).get(61) == "000005000017"


@pytest.mark.parametrize(("digits", "sent"), [(12, "000005000017"), (16, "0000050000171120")])
@pytest.mark.parametrize("profile", [CUP, GENERIC])
def test_a_void_has_the_day_where_its_acquirer_wants_it(
    profile: Profile, digits: Literal[12, 16], sent: str
) -> None:
    assert requests.void(replace(profile, void_61=digits), REQUEST).get(61) == sent


@pytest.mark.parametrize(
    ("way", "sent"),
    [("original", "000005000017"), ("own", "000007000009"), ("none", None)],
)
@pytest.mark.parametrize("profile", [CUP, GENERIC])
def test_a_reversal_names_the_sale_or_the_void_or_nothing(
    profile: Profile, way: Literal["original", "own", "none"], sent: str | None
) -> None:
    profile = replace(profile, reversal_61=way)
    void = requests.void(profile, REQUEST)
    assert (void.get(11), void.get(60)) == ("000009", "23" + "000007" + "000" + "60")
    assert requests.reversal(profile, void).get(61) == sent


@pytest.mark.parametrize("operator", ["01 ", "001"])
def test_the_operator_of_a_sign_on(operator: Literal["01 ", "001"]) -> None:
    profile = replace(CUP, operator_63=operator)
    assert requests.sign_on(profile, SIGN_ON).get(63) == operator


def test_a_sign_on_names_the_serial_number_where_its_acquirer_wants_it() -> None:
    assert requests.sign_on(CUP, SIGN_ON).get(62) is None
    named = replace(CUP, sign_on_62="Sequence No{length}{serial}")
    sent = requests.sign_on(named, replace(SIGN_ON, serial="AB12345")).get(62)
    assert bytes.fromhex(sent or "") == b"Sequence No07AB12345"
    with pytest.raises(ValueError, match="serial"):
        requests.sign_on(named, SIGN_ON)


@pytest.mark.parametrize("entry", list(EntryMode))
def test_the_header_is_one_constant_whatever_the_card(entry: EntryMode) -> None:
    message = requests.refund(CUP, replace(REQUEST, entry=entry))
    assert message.header.digits() == "603100310000"
    assert 35 not in message.fields

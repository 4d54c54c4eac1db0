"""Only the answer to this very request counts."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from worlds.sales import a_request

from pos_terminal import profiles
from pos_terminal.core.answers import Sending
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.matching import Mismatch, matches
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.requests import SignOnRequest, Station

CUP = profiles.load("cup")
GENERIC = profiles.load("generic")
REQUEST = a_request("5413330089020011", original_auth="A1B2C3")
REFUND = requests.refund(CUP, REQUEST)
ANSWER = Message("0230", {**REFUND.fields, 37: "999999999999", 39: "00"})


def test_its_own_rrn_is_not_matched() -> None:
    assert matches(CUP, REFUND, ANSWER) is None


def test_2_3_25_49_60_and_61_may_be_left_out() -> None:
    nothing = dict.fromkeys((2, 3, 25, 49, 60, 61))
    assert matches(CUP, REFUND, ANSWER.with_fields(nothing)) is None


def test_another_card_is_named_masked() -> None:
    found = matches(CUP, REFUND, ANSWER.with_fields({2: "5413330089020029"}))
    assert found == Mismatch("2", "541333******0011", "541333******0029")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({11: "000010"}, "11"),
        ({11: None}, "11"),
        ({41: "87654321"}, "41"),
        ({42: "898310000000002"}, "42"),
        ({60: "2500000800060"}, "60.2"),
        ({60: "25"}, "60.2"),
        ({4: "000000004999"}, "4"),
        ({4: "000000005001"}, "4"),
        ({4: None}, "4"),
        ({4: "000000005001", 39: "10"}, "4"),
        ({4: "000000000000", 39: "10"}, "4"),
        ({4: "000000000001", 39: "51"}, "4"),
        ({2: "5413330089020029"}, "2"),
        ({3: "000000"}, "3"),  # a sale
        ({25: "06"}, "25"),
        ({49: "344"}, "49"),  # so many Hong Kong dollars
        ({61: "0000010000091119"}, "61"),  # another original
        ({49: "344", 39: "51"}, "49"),
        ({49: "344", 39: "10", 4: "000000000001"}, "49"),
    ],
)
def test_a_difference_is_named(change: dict[int, str | None], what: str) -> None:
    found = matches(CUP, REFUND, ANSWER.with_fields(change))
    assert found is not None
    assert found.what == what


@pytest.mark.parametrize("mti", ["0210", "0220", "0410", "0830"])
def test_another_message_type(mti: str) -> None:
    assert matches(CUP, REFUND, replace(ANSWER, mti=mti)) == Mismatch("mti", "0230", mti)


def test_less_with_10_is_an_answer() -> None:
    assert matches(CUP, REFUND, ANSWER.with_fields({4: "000000004999", 39: "10"})) is None


def test_a_part_of_a_void_is_its_answer_though_no_void() -> None:
    request = requests.void(CUP, REQUEST)
    answer = Message("0210", {**request.fields, 4: "000000004999", 39: "10"})
    assert matches(CUP, request, answer) is None
    assert not CUP.response("10", Sending.VOID).accepts
    more = answer.with_fields({4: "000000005001"})
    assert matches(CUP, request, more) == Mismatch("4", "000000005000", "000000005001")
    approved = answer.with_fields({39: "00"})
    assert matches(CUP, request, approved) == Mismatch("4", "000000005000", "000000004999")


def test_a_decline_may_leave_the_amount_out() -> None:
    assert matches(CUP, REFUND, ANSWER.with_fields({4: None, 39: "51"})) is None


@pytest.mark.parametrize("code", ["51", "05", "94", "A7"])
def test_a_decline_may_leave_merchant_and_batch_out_and_names_no_others(code: str) -> None:
    refused = ANSWER.with_fields({39: code})
    assert matches(CUP, REFUND, refused.with_fields({42: None, 60: None})) is None
    other = matches(CUP, REFUND, refused.with_fields({42: "898310000000002"}))
    assert other is not None
    assert other.what == "42"
    other = matches(CUP, REFUND, refused.with_fields({60: "2500000800060"}))
    assert other is not None
    assert other.what == "60.2"
    for number in (11, 41):
        assert matches(CUP, REFUND, refused.with_fields({number: None})) is not None


@pytest.mark.parametrize("code", ["00", "11", "10", "96", "ZZ", None])
def test_what_is_no_decline_names_the_merchant(code: str | None) -> None:
    answer = ANSWER.with_fields({39: code, 42: None})
    assert matches(CUP, REFUND, answer) == Mismatch("42", REFUND.fields[42], None)


def test_the_batch_of_a_sign_on_is_a_new_one() -> None:
    request = requests.sign_on(
        CUP,
        SignOnRequest(
            terminal_id="12345678", merchant_id="898310000000001", batch="000007", stan="000001"
        ),
    )
    answer = Message("0810", {**request.fields, 39: "00", 60: "00000008003"})
    assert matches(CUP, request, answer) is None


def test_an_echo_has_no_stan_to_match() -> None:
    station = Station(terminal_id="12345678", merchant_id="898310000000001", batch="000007")
    request = requests.echo(CUP, station)
    assert matches(CUP, request, Message("0830", {**request.fields, 39: "00"})) is None
    assert matches(CUP, request, Message("0830", {41: "00000000", 39: "00"})) is not None


def test_a_reversal_and_its_original_are_told_apart() -> None:
    original = requests.void(CUP, REQUEST)
    reversal = requests.reversal(CUP, original)
    late = Message("0210", {**original.fields, 39: "00"})
    assert matches(CUP, reversal, late) == Mismatch("mti", "0410", "0210")
    assert matches(CUP, reversal, Message("0410", {**original.fields, 39: "25"})) is None


def test_a_repeat_with_its_own_mti_has_its_own_answer() -> None:
    repeat = requests.repeat(GENERIC, requests.refund(GENERIC, REQUEST))
    answer = Message("0230", {**repeat.fields, 39: "00"})
    assert matches(GENERIC, repeat, answer) is None
    assert matches(GENERIC, repeat, replace(answer, mti="0210")) is not None

"""What each field 39 allows, in the three columns; anything doubtful is UNKNOWN."""

from __future__ import annotations

import msgspec
import pytest

from pos_terminal import profiles, texts
from pos_terminal.core.answers import Meaning, Sending, Trust
from pos_terminal.core.cells import width
from pos_terminal.core.words import say
from pos_terminal.texts import Language
from pos_terminal.wire.iso8583.responses import ResponseRule

NEVER = profiles.load("cup").with_options(repeat="never")
IDENTICAL = profiles.load("cup").with_options(repeat="identical")
LISTED = sorted(code for row in NEVER.responses for code in row.codes)
ALL_CODES = sorted({*LISTED, "??", "  ", "ZZ", "06", "09"})

FIRST = {
    "00": Meaning.ACCEPT,
    "10": Meaning.ACCEPT_PARTIAL,
    **dict.fromkeys(["11", "A2", "A4", "A5", "A6"], Meaning.ACCEPT_FLAGGED),
    **dict.fromkeys(["03", "97"], Meaning.DECLINE_STOP_TRADING),
    **dict.fromkeys(["04", "34", "41", "43"], Meaning.DECLINE_NO_TENDER),
    "51": Meaning.DECLINE_KEPT,
    "94": Meaning.DECLINE_RESYNC,
    "77": Meaning.SIGN_ON_NEW_STAN,
    **dict.fromkeys(["99", "A0", "A7"], Meaning.SIGN_ON_SAME_STAN),
    **dict.fromkeys(["68", "98", "91", "96"], Meaning.UNKNOWN),
}


@pytest.mark.parametrize("code", LISTED)
def test_first_send_of_a_refund(code: str) -> None:
    assert NEVER.response(code, Sending.REFUND) is FIRST.get(code, Meaning.DECLINE)


def test_first_send_of_a_void_differs_where_the_table_says() -> None:
    differing = {c for c in LISTED if NEVER.response(c, Sending.VOID) is not FIRST.get(c)}
    differing &= {c for c in LISTED if FIRST.get(c, Meaning.DECLINE) is not Meaning.DECLINE} | {
        c for c in LISTED if NEVER.response(c, Sending.VOID) is not Meaning.DECLINE
    }
    assert differing == {"10", "12", "58"}
    assert NEVER.response("10", Sending.VOID) is Meaning.IN_PART
    assert NEVER.response("12", Sending.VOID) is Meaning.DECLINE_OFFER_REFUND


@pytest.mark.parametrize("code", ALL_CODES)
def test_a_repeat_closes_only_by_acceptance_or_a_promised_decline(code: str) -> None:
    never, identical = (p.response(code, Sending.REPEAT) for p in (NEVER, IDENTICAL))
    if code in {"00", "10", "11", "A2", "A4", "A5", "A6"}:
        assert never.accepts
        assert identical.accepts
        return
    assert not never.declines
    assert not never.accepts
    if code in {"77", "99", "A0", "A7", "03", "97"}:
        assert identical is Meaning.SIGN_ON_SAME_STAN
    elif code in {"94", "68", "98", "91", "96"} or code not in LISTED:
        assert identical is Meaning.UNKNOWN
    else:
        assert identical.declines


def test_94_on_a_repeat_closes_only_where_the_acquirer_means_it() -> None:
    meant = msgspec.structs.replace(IDENTICAL, duplicate_means_accepted=True)
    assert IDENTICAL.response("94", Sending.REPEAT) is Meaning.UNKNOWN
    assert meant.response("94", Sending.REPEAT).accepts
    assert meant.response("94", Sending.REFUND) is Meaning.DECLINE_RESYNC


@pytest.mark.parametrize("code", ALL_CODES)
def test_a_reversal_is_closed_by_four_codes(code: str) -> None:
    closed = NEVER.response(code, Sending.REVERSAL) is Meaning.CLOSED
    assert closed == (code in {"00", "12", "25", "40"})


@pytest.mark.parametrize("code", [None, "", "ZZ", "06"])
@pytest.mark.parametrize("sending", list(Sending))
def test_missing_and_unlisted_codes_are_unknown(code: str | None, sending: Sending) -> None:
    assert IDENTICAL.response(code, sending) is Meaning.UNKNOWN
    assert IDENTICAL.text(code, sending) == "response.unknown"


@pytest.mark.parametrize("code", [*ALL_CODES, None])
@pytest.mark.parametrize("sending", list(Sending))
@pytest.mark.parametrize("trust", [Trust.MISSING, Trust.WRONG])
def test_without_a_valid_mac_nothing_is_approved_or_freed(
    code: str | None, sending: Sending, trust: Trust
) -> None:
    assert IDENTICAL.response(code, sending, trust) is Meaning.UNTRUSTED


def test_declines_without_a_mac_where_the_profile_believes_them() -> None:
    profile = msgspec.structs.replace(IDENTICAL, declines_without_mac="definite")
    assert profile.response("51", Sending.REFUND, Trust.MISSING) is Meaning.DECLINE_KEPT
    assert profile.response("51", Sending.REFUND, Trust.WRONG) is Meaning.UNTRUSTED
    for code in ("00", "10", "11", "A0", "77", "96"):
        assert profile.response(code, Sending.REFUND, Trust.MISSING) is Meaning.UNTRUSTED
    assert profile.response("25", Sending.REVERSAL, Trust.MISSING) is Meaning.UNTRUSTED


def test_definite_codes_decline_a_first_send_only() -> None:
    profile = msgspec.structs.replace(IDENTICAL, definite=["91", "ZZ"])
    for code in ("91", "ZZ"):
        assert profile.response(code, Sending.REFUND) is Meaning.DECLINE
        assert profile.response(code, Sending.VOID) is Meaning.DECLINE
        assert profile.response(code, Sending.REPEAT) is Meaning.UNKNOWN
        assert profile.response(code, Sending.REVERSAL) is Meaning.UNKNOWN
    assert profile.response("96", Sending.REFUND) is Meaning.UNKNOWN
    for sending, key in ((Sending.REFUND, "definite"), (Sending.REPEAT, "unknown")):
        assert profile.text("91", sending) == f"response.{key}"
        assert profile.next_step("91", sending) == f"response.{key}_next"
    assert profile.text("96") == "response.unknown"


@pytest.mark.parametrize("code", [*ALL_CODES, None])
@pytest.mark.parametrize("sending", [Sending.REFUND, Sending.VOID, Sending.REPEAT])
def test_every_code_has_its_texts_and_they_fit(code: str | None, sending: Sending) -> None:
    for key in (NEVER.text(code, sending), NEVER.next_step(code, sending)):
        assert 0 < width(texts.render(say(key), Language.ZH_CN)) <= 40
        assert 0 < width(texts.render(say(key), Language.EN)) <= 40
    assert len(texts.technician(say(NEVER.text(code, sending)))) > 20


def test_what_the_clerk_reads() -> None:
    zh = Language.ZH_CN
    assert texts.render(say(NEVER.text("51")), zh) == "余额不足"
    assert texts.render(say(NEVER.next_step("96")), zh) == "结果未知,勿重复退款"
    assert NEVER.next_step("12", Sending.VOID) == "response.c12_void_next"
    assert NEVER.next_step("10", Sending.VOID) == "response.unknown_next"


@pytest.mark.parametrize(
    ("column", "meaning"),
    [("first", "closed"), ("void", "accept_partial"), ("repeat", "lost"), ("reversal", "decline")],
)
def test_a_profile_can_not_say_what_no_refund_can_do(column: str, meaning: str) -> None:
    row = {"codes": ["ZZ"], "text": "x", "first": "decline", "repeat": "decline"}
    row |= {"reversal": "unknown", column: meaning}
    with pytest.raises(msgspec.ValidationError, match=f'"{meaning}" can.t be what ZZ means'):
        msgspec.convert(row, ResponseRule)

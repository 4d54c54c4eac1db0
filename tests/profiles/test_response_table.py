"""What each field 39 allows, in the three columns; anything doubtful is UNKNOWN."""

from __future__ import annotations

import msgspec
import pytest

from pos_terminal import profiles, texts
from pos_terminal.core.cells import width
from pos_terminal.core.words import say
from pos_terminal.texts import Language
from pos_terminal.wire.iso8583.responses import Action, Column, Trust

NEVER = profiles.load("cup").with_options(repeat="never")
IDENTICAL = profiles.load("cup").with_options(repeat="identical")
LISTED = sorted(code for row in NEVER.responses for code in row.codes)
ALL_CODES = sorted({*LISTED, "??", "  ", "ZZ", "06", "09"})

FIRST = {
    "00": Action.ACCEPT,
    "10": Action.ACCEPT_PARTIAL,
    **dict.fromkeys(["11", "A2", "A4", "A5", "A6"], Action.ACCEPT_FLAGGED),
    **dict.fromkeys(["03", "97"], Action.DECLINE_STOP_TRADING),
    **dict.fromkeys(["04", "34", "41", "43"], Action.DECLINE_NO_TENDER),
    "51": Action.DECLINE_KEPT,
    "94": Action.DECLINE_RESYNC,
    "77": Action.SIGN_ON_NEW_STAN,
    **dict.fromkeys(["99", "A0", "A7"], Action.SIGN_ON_SAME_STAN),
    **dict.fromkeys(["68", "98", "91", "96"], Action.UNKNOWN),
}


@pytest.mark.parametrize("code", LISTED)
def test_first_send_of_a_refund(code: str) -> None:
    assert NEVER.response(code, Column.REFUND) is FIRST.get(code, Action.DECLINE)


def test_first_send_of_a_void_differs_where_the_table_says() -> None:
    differing = {c for c in LISTED if NEVER.response(c, Column.VOID) is not FIRST.get(c)}
    differing &= {c for c in LISTED if FIRST.get(c, Action.DECLINE) is not Action.DECLINE} | {
        c for c in LISTED if NEVER.response(c, Column.VOID) is not Action.DECLINE
    }
    assert differing == {"10", "12", "58"}
    assert NEVER.response("10", Column.VOID) is Action.UNKNOWN
    assert NEVER.response("12", Column.VOID) is Action.DECLINE_OFFER_REFUND


@pytest.mark.parametrize("code", ALL_CODES)
def test_a_repeat_closes_only_by_acceptance_or_a_promised_decline(code: str) -> None:
    never, identical = (p.response(code, Column.REPEAT) for p in (NEVER, IDENTICAL))
    if code in {"00", "10", "11", "A2", "A4", "A5", "A6"}:
        assert never.accepts
        assert identical.accepts
        return
    assert not never.declines
    assert not never.accepts
    if code in {"77", "99", "A0", "A7", "03", "97"}:
        assert identical is Action.SIGN_ON_SAME_STAN
    elif code in {"94", "68", "98", "91", "96"} or code not in LISTED:
        assert identical is Action.UNKNOWN
    else:
        assert identical.declines


def test_94_on_a_repeat_closes_only_where_the_acquirer_means_it() -> None:
    meant = msgspec.structs.replace(IDENTICAL, duplicate_means_accepted=True)
    assert IDENTICAL.response("94", Column.REPEAT) is Action.UNKNOWN
    assert meant.response("94", Column.REPEAT).accepts
    assert meant.response("94", Column.REFUND) is Action.DECLINE_RESYNC


@pytest.mark.parametrize("code", ALL_CODES)
def test_a_reversal_is_closed_by_four_codes(code: str) -> None:
    closed = NEVER.response(code, Column.REVERSAL) is Action.CLOSED
    assert closed == (code in {"00", "12", "25", "40"})


@pytest.mark.parametrize("code", [None, "", "ZZ", "06"])
@pytest.mark.parametrize("column", list(Column))
def test_missing_and_unlisted_codes_are_unknown(code: str | None, column: Column) -> None:
    assert IDENTICAL.response(code, column) is Action.UNKNOWN
    assert IDENTICAL.text(code, column) == "response.unknown"


@pytest.mark.parametrize("code", [*ALL_CODES, None])
@pytest.mark.parametrize("column", list(Column))
@pytest.mark.parametrize("trust", [Trust.MISSING, Trust.WRONG])
def test_without_a_valid_mac_nothing_is_approved_or_freed(
    code: str | None, column: Column, trust: Trust
) -> None:
    assert IDENTICAL.response(code, column, trust) is Action.UNTRUSTED


def test_declines_without_a_mac_where_the_profile_believes_them() -> None:
    profile = msgspec.structs.replace(IDENTICAL, declines_without_mac="definite")
    assert profile.response("51", Column.REFUND, Trust.MISSING) is Action.DECLINE_KEPT
    assert profile.response("51", Column.REFUND, Trust.WRONG) is Action.UNTRUSTED
    for code in ("00", "10", "11", "A0", "77", "96"):
        assert profile.response(code, Column.REFUND, Trust.MISSING) is Action.UNTRUSTED
    assert profile.response("25", Column.REVERSAL, Trust.MISSING) is Action.UNTRUSTED


def test_definite_codes_decline_a_first_send_only() -> None:
    profile = msgspec.structs.replace(IDENTICAL, definite=["91", "ZZ"])
    for code in ("91", "ZZ"):
        assert profile.response(code, Column.REFUND) is Action.DECLINE
        assert profile.response(code, Column.VOID) is Action.DECLINE
        assert profile.response(code, Column.REPEAT) is Action.UNKNOWN
        assert profile.response(code, Column.REVERSAL) is Action.UNKNOWN
    assert profile.response("96", Column.REFUND) is Action.UNKNOWN
    for column, key in ((Column.REFUND, "definite"), (Column.REPEAT, "unknown")):
        assert profile.text("91", column) == f"response.{key}"
        assert profile.next_step("91", column) == f"response.{key}_next"
    assert profile.text("96") == "response.unknown"


@pytest.mark.parametrize("code", [*ALL_CODES, None])
@pytest.mark.parametrize("column", [Column.REFUND, Column.VOID, Column.REPEAT])
def test_every_code_has_its_texts_and_they_fit(code: str | None, column: Column) -> None:
    for key in (NEVER.text(code, column), NEVER.next_step(code, column)):
        assert 0 < width(texts.render(say(key), Language.ZH_CN)) <= 40
        assert 0 < width(texts.render(say(key), Language.EN)) <= 40
    assert len(texts.technician(say(NEVER.text(code, column)))) > 20


def test_what_the_clerk_reads() -> None:
    zh = Language.ZH_CN
    assert texts.render(say(NEVER.text("51")), zh) == "余额不足"
    assert texts.render(say(NEVER.next_step("96")), zh) == "结果未知,勿重复退款"
    assert NEVER.next_step("12", Column.VOID) == "response.c12_void_next"
    assert NEVER.next_step("10", Column.VOID) == "response.unknown_next"

"""What each field 39 allows, in the three columns; anything doubtful is UNKNOWN."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import pytest

from pos_terminal import profiles, texts
from pos_terminal.core.answers import Meaning, Sending, Trust
from pos_terminal.core.cells import width
from pos_terminal.core.said import Said
from pos_terminal.core.words import ConfigFailure, say
from pos_terminal.texts import Language
from pos_terminal.texts.domain import after_answer, of_answer
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
    # what the account that paid can't take: alone these open another tender (R34)
    **dict.fromkeys(["01", "05", "21", "54"], Meaning.DECLINE_ACCOUNT),
    **dict.fromkeys(["15", "40", "57", "62"], Meaning.DECLINE_ACCOUNT),
    "51": Meaning.DECLINE_KEPT,
    "94": Meaning.DECLINE_RESYNC,
    "77": Meaning.SIGN_ON_NEW_STAN,
    **dict.fromkeys(["99", "A0"], Meaning.SIGN_ON_SAME_STAN),
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
def test_a_reversal_is_closed_by_three_codes(code: str) -> None:
    closed = NEVER.response(code, Sending.REVERSAL) is Meaning.CLOSED
    assert closed == (code in {"00", "12", "25"})


@pytest.mark.parametrize("code", [None, "", "ZZ", "06"])
@pytest.mark.parametrize("sending", list(Sending))
def test_missing_and_unlisted_codes_are_unknown(code: str | None, sending: Sending) -> None:
    assert IDENTICAL.response(code, sending) is Meaning.UNKNOWN
    assert IDENTICAL.said(code, sending) is Said.UNKNOWN


@pytest.mark.parametrize("code", [*ALL_CODES, None])
@pytest.mark.parametrize("sending", list(Sending))
@pytest.mark.parametrize("trust", [Trust.MISSING, Trust.WRONG])
def test_without_a_valid_mac_nothing_is_approved_or_freed(
    code: str | None, sending: Sending, trust: Trust
) -> None:
    asks = trust is Trust.MISSING and sending in (Sending.REFUND, Sending.VOID)
    unproven = asks and code in {"77", "99", "A0"}
    believed = Meaning.SIGN_ON_UNPROVEN if unproven else Meaning.UNTRUSTED
    assert IDENTICAL.response(code, sending, trust) is believed


def test_declines_without_a_mac_where_the_profile_believes_them() -> None:
    profile = msgspec.structs.replace(IDENTICAL, declines_without_mac="definite")
    assert profile.response("51", Sending.REFUND, Trust.MISSING) is Meaning.DECLINE_KEPT
    assert profile.response("51", Sending.REFUND, Trust.WRONG) is Meaning.UNTRUSTED
    for code in ("A0", "77"):
        assert profile.response(code, Sending.REFUND, Trust.MISSING) is Meaning.SIGN_ON_UNPROVEN
    for code in ("00", "10", "11", "96"):
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
    for sending in (Sending.REFUND, Sending.VOID):
        assert profile.said("91", sending) is Said.NOT_PROCESSED
    assert profile.said("91", Sending.REPEAT) is Said.UNKNOWN
    assert profile.said("96", Sending.REFUND) is Said.UNKNOWN


@pytest.mark.parametrize("said", list(Said))
@pytest.mark.parametrize("refund_instead", [False, True])
def test_all_that_an_answer_says_has_its_texts_and_they_fit(
    said: Said, refund_instead: bool
) -> None:
    words, advice = of_answer(said), after_answer(said, refund_instead=refund_instead)
    assert advice is not None
    for one in (words, advice):
        assert 0 < width(texts.render(one, Language.ZH_CN)) <= 40
        assert 0 < width(texts.render(one, Language.EN)) <= 40
    assert len(texts.technician(words)) > 20


def test_every_text_about_an_answer_is_said_by_one() -> None:
    said = {f"response.{one}{what}" for one in Said for what in ("", "_next", "_void_next")}
    assert {key for key in texts.catalogue() if key.partition(".")[0] == "response"} <= said
    assert {row.says for row in NEVER.responses} | {Said.NOT_PROCESSED} == set(Said)


#: what clerks and hot lines quote, written down from two tables of other terminals, and what is
#: done with it: ``no`` plainly, ``kept``, ``stop`` trade, ``never`` this card again, ``void`` to be
#: done as a refund, ``stan`` jumped, ``sign`` on, ``?`` not known (reason beneath)
NATIONAL: Final = """
00 yes    交易成功
01 no     请联系发卡行
03 stop   无效商户
04 never  此卡被没收
05 no     持卡人认证失败
10 part   部分承兑
11 yes    交易成功,请向发卡行确认
12 no     无效交易
13 no     无效金额
14 no     无效卡号
15 no     此卡无对应发卡方
21 no     该卡未初始化或睡眠卡
22 no     操作有误或超出允许天数
25 no     没有原始交易
30 no     请重试
34 never  作弊卡
38 no     要求密码,本机不支持
40 no     发卡方不支持的交易类型
41 never  挂失卡
43 never  被窃卡
45 no     请使用芯片
51 kept   余额不足
54 no     卡已过期
55 no     要求密码,本机不支持
57 no     不允许此卡交易
58 no     终端受限
59 no     卡片校验错
61 no     金额超限
62 no     受限制的卡
64 no     与原金额不符
65 no     超出交易次数限制
68 ?      结果未知
75 no     要求密码,本机不支持
77 sign   重新签到
90 no     系统日切,请稍后重试
91 ?      结果未知 发卡方状态不正常
92 no     发卡方线路异常,请稍后重试
94 stan   重复交易
96 ?      结果未知 交换中心异常
97 stop   终端号未登记
98 ?      结果未知 发卡方超时
99 sign   重新签到
A0 sign   重新签到
A1 no     币种不一致
A2 yes    交易成功,请向发卡行确认
A3 no     账号不正确
A4 yes    交易成功,请向发卡行确认
A5 yes    交易成功,请向发卡行确认
A6 yes    交易成功,请向发卡行确认
A7 no     稍后重试
"""
DONE: Final = {
    "yes": {Meaning.ACCEPT, Meaning.ACCEPT_FLAGGED},
    "part": {Meaning.ACCEPT_PARTIAL},
    "no": {Meaning.DECLINE, Meaning.DECLINE_ACCOUNT},
    "kept": {Meaning.DECLINE_KEPT},
    "stop": {Meaning.DECLINE_STOP_TRADING},
    "never": {Meaning.DECLINE_NO_TENDER},
    "stan": {Meaning.DECLINE_RESYNC},
    "sign": {Meaning.SIGN_ON_SAME_STAN, Meaning.SIGN_ON_NEW_STAN},
    "?": {Meaning.UNKNOWN},
}


@pytest.mark.parametrize("name", ["cup", "generic"])
def test_each_code_is_told_in_the_words_that_clerks_know_and_done_as_is_safe(name: str) -> None:
    profile = msgspec.structs.replace(profiles.load(name), definite=[])
    rows = [line.split(maxsplit=2) for line in NATIONAL.strip().splitlines()]
    codes = {code for code, _, _ in rows}
    assert codes == {code for row in NEVER.responses for code in row.codes}
    own = {code for row in profile.responses for code in row.codes}
    assert len(codes & own) > 20
    for code, done, told in rows:
        if code not in own:
            continue
        assert profile.response(code, Sending.REFUND) in DONE[done], code
        said = [profile.said(code, Sending.REFUND)]
        if (excuse := profile.excuse(code)) is not None:
            said.append(excuse)
        assert " ".join(texts.render(of_answer(one), Language.ZH_CN) for one in said) == told


def test_a_card_that_is_to_be_kept_is_not_called_stolen() -> None:
    """And it is never refunded to again, as those that are (R34)."""
    kept, lost, stolen, fraud = (
        texts.render(of_answer(NEVER.said(code, Sending.REFUND)), Language.ZH_CN)
        for code in ("04", "41", "43", "34")
    )
    assert len({kept, lost, stolen, fraud}) == 4
    assert not set("挂失窃盗弊") & set(kept)
    forbids = {c for c in LISTED if FIRST.get(c) is Meaning.DECLINE_NO_TENDER}
    assert forbids == {"04", "34", "41", "43"}
    for code in forbids:
        assert NEVER.response(code, Sending.VOID) is Meaning.DECLINE_NO_TENDER


def test_what_the_clerk_reads() -> None:
    zh = Language.ZH_CN
    assert texts.render(of_answer(NEVER.said("51", Sending.REFUND)), zh) == "余额不足"
    unknown = [NEVER.said("96", Sending.REFUND), NEVER.said("10", Sending.VOID)]
    for said in unknown:
        assert texts.render(after_answer(said) or say(""), zh) == "结果未知,勿重复退款"
    void, refund = (NEVER.said("12", sending) for sending in (Sending.VOID, Sending.REFUND))
    assert void is refund is Said.INVALID_TRANSACTION
    assert after_answer(void, refund_instead=True) == say("response.invalid_transaction_void_next")
    assert after_answer(refund) == say("response.invalid_transaction_next")


@pytest.mark.parametrize(
    ("column", "meaning"),
    [("first", "closed"), ("void", "accept_partial"), ("repeat", "lost"), ("reversal", "decline")],
)
def test_a_profile_can_not_say_what_no_refund_can_do(column: str, meaning: str) -> None:
    row = {"codes": ["ZZ"], "says": "unknown", "first": "decline", "repeat": "decline"}
    row |= {"reversal": "unknown", column: meaning}
    with pytest.raises(msgspec.ValidationError, match=f'"{meaning}" can.t be what ZZ means'):
        msgspec.convert(row, ResponseRule)


ROW = {"codes": ["ZZ"], "says": "unknown", "reversal": "unknown"}
WHOLE = ("accept", "accept_flagged")
NOT_GIVEN = (
    "decline",
    "decline_account",
    "decline_kept",
    "decline_no_tender",
    "decline_stop_trading",
)
CONTRADICTIONS = [
    *({"first": "accept_partial", "void": "unknown", "repeat": whole} for whole in WHOLE),
    *({"first": whole, "repeat": "accept_partial"} for whole in WHOLE),
    *({"first": "accept_partial", "void": whole, "repeat": "accept_partial"} for whole in WHOLE),
    *({"first": "accept", "repeat": declined} for declined in NOT_GIVEN),
    *({"first": declined, "repeat": "accept_flagged"} for declined in NOT_GIVEN),
    {"first": "accept_partial", "void": "unknown", "repeat": "decline"},
    {"first": "accept", "void": "decline_offer_refund", "repeat": "accept"},
    {"first": "unknown", "void": "accept", "repeat": "decline"},
]
AGREEING = [
    {"first": "accept", "repeat": "accept_flagged"},
    {"first": "accept_partial", "void": "unknown", "repeat": "accept_partial"},
    {"first": "accept_partial", "void": "unknown", "repeat": "unknown"},
    {"first": "decline", "void": "decline_offer_refund", "repeat": "unknown"},
    {"first": "decline_resync", "repeat": "duplicate"},
    {"first": "decline_stop_trading", "repeat": "sign_on_same_stan"},
    {"first": "accept", "repeat": "accept", "reversal": "closed"},
]


@pytest.mark.parametrize("columns", CONTRADICTIONS)
def test_a_code_can_not_be_a_part_and_the_whole_or_paid_and_not(columns: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError, match="ZZ can't mean") as refused:
        msgspec.convert(ROW | columns, ResponseRule)
    named = {word for word in columns.values() if f'"{word}"' in str(refused.value)}
    assert len(named) == 2, "both that contradict each other"


@pytest.mark.parametrize("columns", AGREEING)
def test_what_does_not_contradict_itself_is_taken(columns: dict[str, str]) -> None:
    assert msgspec.convert(ROW | columns, ResponseRule).first == columns["first"]


def test_a_shops_own_profile_with_such_a_row_is_refused_by_name(tmp_path: Path) -> None:
    """10 on a repeat would have booked the whole for a part."""
    own = (Path(profiles.__file__).parent / "cup.toml").read_text("utf-8")
    rows = own.split("[[responses]]")
    (at,) = [n for n, row in enumerate(rows) if 'codes = ["10"]' in row]
    rows[at] = rows[at].replace('repeat = "accept_partial"', 'repeat = "accept"')
    file = tmp_path / "own.toml"
    file.write_text("[[responses]]".join(rows), "utf-8")
    with pytest.raises(ConfigFailure) as refused:
        profiles.load(str(file))
    said = texts.technician(refused.value.words)
    for fact in (
        str(file),
        "10 can't mean",
        '"accept_partial" for a refund',
        '"accept" for a repeat',
    ):
        assert fact in said

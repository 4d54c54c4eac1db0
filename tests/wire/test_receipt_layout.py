"""What stands on which slip, and that nothing in a slip's data can become a command."""

from __future__ import annotations

import re
from enum import Enum
from itertools import product
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hw_sim.printer.as_text import as_text
from hw_sim.printer.commands import Command, Tokenizer
from hw_sim.printer.machine import Abilities, Machine
from hw_sim.printer.roll import Line, Receipt, Roll, Run
from hw_sim.printer.sample_slip import SLIP
from hw_sim.printer.status import Mechanism
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields, replace

from pos_terminal.core import cells
from pos_terminal.core.money import MAX_AMOUNT
from pos_terminal.texts import catalogue
from pos_terminal.wire.receipt.all_kinds import Kinds
from pos_terminal.wire.receipt.gbk import encode, printable, width
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.kinds.case_record import CaseRecord
from pos_terminal.wire.receipt.kinds.cash import CashBack
from pos_terminal.wire.receipt.kinds.claim import Claim
from pos_terminal.wire.receipt.kinds.complaint import Complaint
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.kinds.enquiry import Enquiry
from pos_terminal.wire.receipt.kinds.exchange import Exchanged
from pos_terminal.wire.receipt.kinds.exchange_back import ExchangeBack
from pos_terminal.wire.receipt.kinds.exchange_credit import ExchangeCredited
from pos_terminal.wire.receipt.kinds.form import Form
from pos_terminal.wire.receipt.kinds.manual import CarriedOut
from pos_terminal.wire.receipt.kinds.overpaid import Overpaid
from pos_terminal.wire.receipt.kinds.payout import PayoutForm, PayoutInCash
from pos_terminal.wire.receipt.kinds.points import PointsBack
from pos_terminal.wire.receipt.kinds.proof import Proof
from pos_terminal.wire.receipt.kinds.recovery import Recovery
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.kinds.refused import Refused
from pos_terminal.wire.receipt.kinds.test import PrintTest
from pos_terminal.wire.receipt.kinds.to_acquirer import Correction, RefundEnquiry
from pos_terminal.wire.receipt.kinds.to_do import ToDo
from pos_terminal.wire.receipt.kinds.void import Voided
from pos_terminal.wire.receipt.pair import Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.request import Request
from pos_terminal.wire.receipt.parts.telling import Telling
from pos_terminal.wire.receipt.render import render
from pos_terminal.wire.receipt.slip import Slip
from pos_terminal.wire.receipt.to_escpos import REAL_TIME
from pos_terminal.wire.receipt.wording import Tongue

HEAD = replace(SLIP.head, copy=Copy.CUSTOMER)
MERCHANT = SLIP.head
REQUEST = Request(masked_card="622848*********0018")
DECIDED = Decided(rule="ceiling", approvals=("201 王主管",))
REFUNDED = Refunded(request=REQUEST, decided=DECIDED, arrival=Pair("七日内"))
BASE = Slip(HEAD, REFUNDED)
KINDS: tuple[type[Kinds], ...] = get_args(Kinds)


def printed(data: bytes, columns: int = 32) -> Receipt:
    """The bytes on the emulated printer's paper."""
    roll = Roll(columns)
    machine = Machine(roll, Mechanism(), Abilities(), lambda _: None, lambda: None)
    for token, _ in Tokenizer().feed(data):
        for _ in machine.carry_out(token):
            pass
    return roll.all()[0]


def text_of(slip: Slip, tongues: tuple[Tongue, ...] = ("zh",), **marks: Any) -> str:
    return as_text(printed(render(slip, texts=catalogue(), tongues=tongues, **marks)))


def test_signature_rule_and_approvals_are_on_the_merchants_copy_only() -> None:
    merchant, customer = text_of(Slip(MERCHANT, REFUNDED)), text_of(BASE)
    for text in ("持卡人签名", "单笔限额", "王主管"):
        assert text in merchant
        assert text not in customer
    assert "七日内" in customer
    assert "七日内" not in merchant


def test_a_refused_applicant_sees_the_rule() -> None:
    assert "单笔限额" in text_of(Slip(HEAD, Refused(request=REQUEST, decided=DECIDED)))


def test_a_rule_is_printed_by_its_name_in_the_receipts_languages() -> None:
    slip = Slip(MERCHANT, replace(REFUNDED, decided=replace(DECIDED, rule="policy")))
    names: dict[Tongue, str] = {"zh": "一律主管授权", "en": "Supervisor always"}
    for tongue, name in names.items():
        text = text_of(slip, (tongue,))
        assert name in text
        assert "policy" not in text
    assert "some_rule" in text_of(Slip(MERCHANT, Refunded(decided=Decided(rule="some_rule"))))


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_refund_claims_one(kind: type[Kinds]) -> None:
    text = text_of(Slip(MERCHANT, kind()))
    given_back = (Refunded, Voided, CashBack, PointsBack, ExchangeBack, CarriedOut)
    others: dict[type[Kinds], str] = {
        StoreCredit: "储值金额",
        Overpaid: "批准金额",
        Exchanged: "商品价值",
        ExchangeCredited: "换货金额",
        Enquiry: "扣款金额",
        Form: "应退金额",
        ToDo: "待退金额",
        Proof: "消费金额",
        PayoutInCash: "补付金额",
        PayoutForm: "补付金额",
        Recovery: "多退金额",
        Claim: "索赔金额",
        **dict.fromkeys((Correction, RefundEnquiry), "退款金额"),
        **dict.fromkeys((Complaint, CaseRecord, PrintTest), ""),
    }
    exchanged = (Exchanged, ExchangeCredited, ExchangeBack)
    signed = (
        *(Refunded, Voided, CashBack, PointsBack, StoreCredit, *exchanged, Enquiry, Form),
        *(PayoutInCash, PayoutForm, Recovery, Correction, RefundEnquiry),
    )
    asked = kind not in (*given_back, *others)
    assert ("申请金额" in text) is asked
    assert others.get(kind, "") in text
    assert ("顾客签名" in text) is (kind in signed)


NO_CARD = (
    *(CashBack, PointsBack, StoreCredit, Exchanged, ExchangeCredited, ExchangeBack),
    *(ToDo, Proof, PayoutInCash, PayoutForm, Complaint, CaseRecord, PrintTest),
    *(Recovery, Claim),
)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in NO_CARD])
def test_of_a_card_the_customer_is_its_holder(kind: type[Kinds]) -> None:
    """Cash, vouchers and sales that nobody found know no card."""
    for card, holder, other in ((REQUEST, "持卡人", "顾客"), (Request(), "顾客", "持卡人")):
        body = replace(kind(), request=card)
        merchant, customer = text_of(Slip(MERCHANT, body)), text_of(Slip(HEAD, body))
        assert f"{holder}存根" in customer
        assert f"{other}存根" not in customer
        assert "商户存根" in merchant
        assert (f"{holder}签名:" in merchant) is bool(body.signed)
        assert f"{other}签名:" not in merchant


@pytest.mark.parametrize("kind", [Refunded, Voided])
def test_the_cardholder_agrees_that_the_money_comes_to_this_card(kind: type[Kinds]) -> None:
    agreed = "本人确认以上交易,同意将其记入本卡账户"
    assert agreed in text_of(Slip(MERCHANT, kind())).replace("\n", "")
    for other in set(KINDS) - {Refunded, Voided}:
        assert "同意将其记入" not in text_of(Slip(MERCHANT, other())).replace("\n", "")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in NO_CARD])
def test_the_transaction_type_stands_on_each_slip_of_the_acquirers(kind: type[Kinds]) -> None:
    for name, told in (("refund", "退货"), ("void", "消费撤销")):
        text = text_of(Slip(HEAD, replace(kind(), request=Request(transaction=name))))
        assert re.search(rf"^交易类型 +{told}$", text, re.MULTILINE)
    assert "交易类型" not in text_of(Slip(HEAD, replace(kind(), request=Request())))


def test_a_title_in_white_on_black_has_as_much_black_on_both_sides() -> None:
    found = 0
    each: tuple[Tongue, ...] = ("zh", "en")
    for kind, tongue, columns in product(KINDS, each, (32, 48)):
        data = render(Slip(HEAD, kind()), texts=catalogue(), tongues=(tongue,), columns=columns)
        for item in printed(data, columns).items:
            runs = item.runs if isinstance(item, Line) else ()
            band = "".join(run.text for run in runs if isinstance(run, Run) and run.inverse)
            assert len(band) - len(band.lstrip()) == len(band) - len(band.rstrip()), band
            found += bool(band)
    assert found > 20


def test_what_people_concluded_says_so_and_by_whom_on_the_merchants_copy() -> None:
    body = replace(REFUNDED, concluded=Telling("20260105001", ("201 王主管", "202 李主管")))
    merchant = text_of(Slip(MERCHANT, body))
    customer = text_of(Slip(HEAD, body))
    for text in ("* 人工处理 *", "20260105001"):
        assert text in merchant
        assert text in customer
    assert "202 李主管" in merchant
    assert "202 李主管" not in customer
    assert "人工处理" not in text_of(BASE)


def test_the_enquiry_goes_to_the_acquirer_and_its_check_code_to_the_customer() -> None:
    body = Enquiry(request=REQUEST, customer="13800138000", check_code="9120700000074")
    merchant = text_of(Slip(MERCHANT, body))
    customer = text_of(Slip(HEAD, body))
    assert "13800138000" in merchant
    assert "13800138000" not in customer
    assert "收单机构答复" in merchant
    assert "收单机构答复" not in customer
    assert "9120700000074" in merchant
    assert "9120700000074" in customer
    blank = text_of(Slip(MERCHANT, replace(body, customer="")))
    assert "顾客电话:_____" in blank


def test_the_voucher_is_the_customers_and_the_record_the_merchants() -> None:
    slip = Slip(replace(HEAD, barcode="8210703141579"), StoreCredit(voucher="8210703141579"))
    customer = text_of(slip)
    merchant = text_of(Slip(MERCHANT, StoreCredit(voucher="82107******79")))
    assert "使用说明" in customer
    assert customer.count("8210703141579") == 2
    assert "CNY" in customer
    assert "存根" not in customer
    assert "余额以系统为准" in customer
    assert "使用说明" not in merchant
    assert "82107******79" in merchant
    assert "储值券退款凭证" in merchant
    assert "储值券退款凭证" not in customer
    twice = text_of(slip, duplicate=1)
    assert "重打印 DUPLICATE 1" in twice
    assert "8210703141579" in twice


def headed(**facts: Any) -> Slip:
    return Slip(replace(HEAD, **facts), REFUNDED)


def test_marks() -> None:
    assert "重打印 DUPLICATE 3" in text_of(BASE, duplicate=3)
    assert "重打印 DUPLICATE 3" in text_of(BASE, ("en",), duplicate=3)
    assert "第2次" in text_of(BASE, attempt=2)
    assert "重打印" not in text_of(BASE)
    assert "第" not in text_of(BASE)
    assert text_of(headed(training=True)).count("培训-无效") == 2


def test_the_amount_is_printed_with_its_currency() -> None:
    assert "￥123.45" in text_of(BASE)
    assert "JPY 12345" in text_of(headed(currency="392"))
    assert "￥9999999999.99" in text_of(headed(amount=999999999999))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("¥5", "￥5"),
        ("Café Müller", "Cafe Muller"),
        ("a\x1b@b\x10\x04\x01", "a @b   "),
        ("水果😀", "水果〓"),
        ("Łódź ➀", "?odz ?"),
        ("e\u0301", "e"),
        ("ｆｕｌｌ　宽", "ｆｕｌｌ　宽"),
    ],
)
def test_what_gbk_lacks_has_a_visible_substitute(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_printable_text_has_the_width_that_the_printer_gives_it(text: str) -> None:
    shown = printable(text).replace("\n", "")
    data = encode(shown)
    assert len(data) == width(shown), "one byte is one column, two are a Hanzi's"
    assert all(byte >= 0x20 for byte in data)


def anything(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Facts of this type with any texts at all."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        hints = get_type_hints(kind)
        return st.builds(kind, **{f.name: anything(hints[f.name]) for f in fields(kind)})
    if get_origin(kind) is tuple:
        return st.lists(anything(get_args(kind)[0]), max_size=3).map(tuple)
    if get_origin(kind) is UnionType:
        return st.one_of(*map(anything, get_args(kind)))
    if kind is str:
        return st.one_of(st.just(""), st.text(max_size=90))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    return {int: st.integers(0, 999_999_999_999), bool: st.booleans(), NoneType: st.none()}[kind]


def heads() -> st.SearchStrategy[Head]:
    """Any head with a copy that there is."""
    texts = {f.name: anything(str) for f in fields(Head) if f.type == "str"}
    numbers = {f.name: anything(int) for f in fields(Head) if f.type == "int"}
    return st.builds(Head, copy=st.sampled_from(Copy), **texts, **numbers)


@st.composite
def jobs(draw: st.DrawFn) -> tuple[Slip, dict[str, Any]]:
    """A slip with any texts at all, and how it is to be printed."""
    slip = Slip(draw(heads()), draw(st.sampled_from(KINDS).flatmap(anything)))
    return slip, {
        "columns": draw(st.sampled_from([32, 48])),
        "tongues": draw(st.sampled_from([("zh",), ("en",), ("zh", "en")])),
        "attempt": draw(st.integers(1, 300)),
        "duplicate": draw(st.integers(0, 300)),
    }


@settings(max_examples=80, deadline=None)
@given(job=jobs())
def test_no_slip_holds_a_real_time_command_or_runs_off_the_paper(
    job: tuple[Slip, dict[str, Any]],
) -> None:
    slip, how = job
    data = render(slip, texts=catalogue(), **how)
    assert not any(command in data for command in REAL_TIME)
    names = {token.name for token, _ in Tokenizer().feed(data) if isinstance(token, Command)}
    assert names <= {
        b"\x1c&", b"\x1d!", b"\x1dB", b"\x1bE", b"\x1ba", b"\x1bd", b"\x1bJ",
        b"\x1dh", b"\x1dw", b"\x1df", b"\x1dH", b"\x1dk", b"\x1dV",
    }  # fmt: skip
    assert_in_its_place(data, how["columns"])


def assert_in_its_place(data: bytes, columns: int) -> None:
    """No row is wider than the paper: the printer would break it where it pleases."""
    receipt = printed(data, columns)
    assert receipt.complete
    rows = [item for item in receipt.items if isinstance(item, Line)]
    assert len(rows) == len(re.findall(rb"\n", data)), "the printer had no row to break"
    for row in rows:
        runs = [run for run in row.runs if isinstance(run, Run)]
        assert sum(cells.width(run.text, 2) * run.wide for run in runs) <= columns


def filled(kind: Any, flag: bool) -> Any:
    """A fact of this type of which nothing is left out, so that each of its labels is printed."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        hints = get_type_hints(kind)
        return kind(**{f.name: filled(hints[f.name], flag) for f in fields(kind)})
    if get_origin(kind) is tuple:
        return (filled(get_args(kind)[0], flag),)
    if get_origin(kind) is UnionType:
        return filled(next(one for one in get_args(kind) if one is not NoneType), flag)
    if issubclass(kind, Enum):
        return max(kind, key=lambda one: len(one.value))
    return {int: 7, bool: flag, str: "7"}[kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("flag", [True, False])
def test_every_label_fits_the_narrow_paper_in_both_languages(kind: Any, flag: bool) -> None:
    for copy in Copy:
        slip = Slip(replace(SLIP.head, copy=copy), filled(kind, flag))
        both = render(slip, texts=catalogue(), columns=32, tongues=("zh", "en"))
        assert_in_its_place(both, 32)


LARGEST = "9999999999.99"
"""The most that field 4 (n12) carries, in yuan."""
NOTHING_SEEN = "\u200b\u0301\u202e\ufeff\u20dd\x07\ufe0f\u2066"


def in_words(value: Any, word: str) -> Any:
    """The same facts with this word for each text, and the largest amount for each number."""
    if isinstance(value, Struct):
        return type(value)(
            **{f.name: in_words(getattr(value, f.name), word) for f in fields(value)}
        )
    if isinstance(value, tuple):
        return tuple(in_words(one, word) for one in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return MAX_AMOUNT
    return word if type(value) is str and value else value


@settings(max_examples=60, deadline=None)
@given(job=jobs(), long=st.integers(1, 40))
def test_no_text_takes_an_amounts_place_on_the_paper(
    job: tuple[Slip, dict[str, Any]], long: int
) -> None:
    slip, how = job
    counts = []
    for word in ("x", NOTHING_SEEN.join("Tea 茶" * long)):
        body = in_words(slip.body, word)
        head = replace(slip.head, amount=MAX_AMOUNT, currency="156", merchant_name=word)
        counts.append(text_of(Slip(head, body), **how).count(LARGEST))
    assert counts[0] == counts[1]

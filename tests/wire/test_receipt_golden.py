"""Every slip's bytes against the golden files, which are ESC/POS in readable form.

``GOLDEN=record pytest tests/wire/test_receipt_golden.py`` writes them anew, and the picture in the
README: read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
import zxingcpp
from hw_sim.printer.as_picture import FONT, as_picture
from hw_sim.printer.commands import Tokenizer
from hw_sim.printer.listing import listing
from hw_sim.printer.machine import Abilities, Machine
from hw_sim.printer.roll import Roll
from hw_sim.printer.sample_slip import SLIP
from hw_sim.printer.status import Mechanism
from msgspec.structs import replace
from pictures import record, stale
from PIL import Image

from pos_terminal.core.looked import Deducted
from pos_terminal.texts import catalogue
from pos_terminal.wire.receipt.all_kinds import Kinds
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.kinds.case_record import CaseRecord, Ended, Noted
from pos_terminal.wire.receipt.kinds.cash import CashBack
from pos_terminal.wire.receipt.kinds.claim import Claim
from pos_terminal.wire.receipt.kinds.complaint import Complaint
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.kinds.declined import Declined
from pos_terminal.wire.receipt.kinds.enquiry import Enquiry
from pos_terminal.wire.receipt.kinds.exchange import Exchanged, ItemOut
from pos_terminal.wire.receipt.kinds.exchange_back import ExchangeBack
from pos_terminal.wire.receipt.kinds.exchange_credit import ExchangeCredited, Part
from pos_terminal.wire.receipt.kinds.form import Form
from pos_terminal.wire.receipt.kinds.given_up import GivenUp
from pos_terminal.wire.receipt.kinds.manual import CarriedOut
from pos_terminal.wire.receipt.kinds.not_sent import NotSent
from pos_terminal.wire.receipt.kinds.overpaid import Overpaid
from pos_terminal.wire.receipt.kinds.payout import PayoutForm, PayoutInCash
from pos_terminal.wire.receipt.kinds.pending import Pending
from pos_terminal.wire.receipt.kinds.points import PointsBack
from pos_terminal.wire.receipt.kinds.proof import Paid, Proof, Sold
from pos_terminal.wire.receipt.kinds.recovery import Recovery
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.kinds.refused import Refused
from pos_terminal.wire.receipt.kinds.reversed import Reversed
from pos_terminal.wire.receipt.kinds.test import PrintTest
from pos_terminal.wire.receipt.kinds.to_acquirer import Correction, RefundEnquiry
from pos_terminal.wire.receipt.kinds.to_do import Left, ToDo
from pos_terminal.wire.receipt.kinds.void import Voided
from pos_terminal.wire.receipt.pair import Pair
from pos_terminal.wire.receipt.parts.decided import Decided
from pos_terminal.wire.receipt.parts.goods import Goods, SlipItem
from pos_terminal.wire.receipt.parts.original import Original
from pos_terminal.wire.receipt.parts.request import Request
from pos_terminal.wire.receipt.parts.telling import Telling
from pos_terminal.wire.receipt.parts.told import Told
from pos_terminal.wire.receipt.parts.why import Why
from pos_terminal.wire.receipt.render import render
from pos_terminal.wire.receipt.slip import Slip
from pos_terminal.wire.receipt.wording import Tongue

FOLDER = Path(__file__).parents[1] / "golden" / "receipts"
RECORD = os.environ.get("GOLDEN") == "record"

HEAD = replace(
    SLIP.head, merchant_name="好又多商场(人民路店)", stan="000123", contact="400-800-1234"
)
CARD = Request(
    masked_card="622848*********0018",
    scheme="unionpay",
    funding="debit",
    batch="000001",
    auth_code="654321",
    rrn="123456789012",
    response="00",
    transaction="refund",
)
UNANSWERED = replace(CARD, auth_code="", rrn="", response="")
ORIGINAL = Original(
    trace="000100", rrn="098765432109", at="2026-11-21T12:00:00+08:00", amount=20000
)
AT_THE_TILL = replace(ORIGINAL, trace="", rrn="", receipt="POS-20261121-0099")
DECIDED = Decided(Pair("质量问题", "Defective"), "policy", ("201 王主管", "202 Li"))
BY_PEOPLE = Telling("2026112200017", ("201 王主管", "202 Li"))
BY_FILE = Telling("P632510000127", ("acquirer-outcomes-20261121.jsonl:117",), by_file=True)
VOUCHER = "8210703141579"
GOODS = Goods(
    (
        SlipItem(
            *("保温杯", "2", 10_000, 12_000, 2_000, Deducted.USED),
            found=Pair("已拆封, 隔离待检", "Opened: set aside"),
            reason=Pair("无理由退货", "Change of mind"),
        ),
        SlipItem("Basmati rice, loose, from the sack beside the door", "0.75", 2_000),
        SlipItem("有机生态种植东北五常稻花香大米真空", "1", 345),
    )
)
SHORT = Why(
    Pair("余额不足", "Not enough money in the merchant's account"),
    Pair("商户账户资金不足,到账后请重做。", "Do it again when the account has funds."),
)

REFUNDED = Refunded(
    request=CARD,
    original=ORIGINAL,
    decided=DECIDED,
    arrival=Pair("借记卡 1-7 个工作日", "1 to 7 working days to the debit card"),
)
REFUND = Slip(HEAD, REFUNDED)
FAILED: dict[str, Any] = {
    "request": UNANSWERED,
    "why": SHORT,
    "original": ORIGINAL,
    "decided": DECIDED,
}
PENDING = Pending(
    **FAILED | {"why": replace(SHORT, cause=Pair("收单机构未应答", "No answer from the acquirer"))},
    check_code="2120700000421",
    expected=Pair("2026-11-25 前", "by 2026-11-25"),
)
CREDIT = StoreCredit(
    voucher="82107******79",
    cause=Pair("超出现金限额,改发储值券", "Above the cash limit: store credit"),
    original=replace(ORIGINAL, amount=300000),
    decided=replace(DECIDED, rule="cash_limit"),
)
PAID_OUT = StoreCredit(
    voucher="82107******79",
    payout="12",
    sale="000123",
    cause=Pair("运费", "Freight"),
    decided=Decided(approvals=("201 张伟", "202 陈静")),
)
REFUSED = Refused(
    why=replace(
        SHORT,
        cause=Pair("超出退货期限(已售 40 天)", "Past the return period (sold 40 days ago)"),
        advice=Pair(
            "如有异议,请凭申请号联系商户",
            "To object, contact the merchant with the application number",
        ),
    ),
    original=ORIGINAL,
    decided=replace(DECIDED, rule="window"),
)
TURNED_AWAY = Refused(
    why=replace(SHORT, cause=Pair("原交易不存在", "No such sale")),
    given="999998",
    decided=Decided(rule="sale"),
)
GIVEN_UP = GivenUp(
    request=UNANSWERED,
    why=Why(
        Pair("收单机构确认未付", "The acquirer says that it was not paid"),
        Pair("可以重做退款", "The refund can be done again"),
    ),
    original=ORIGINAL,
    decided=DECIDED,
    concluded=BY_PEOPLE,
)
OVERPAID = Overpaid(
    request=CARD,
    why=Why(
        Pair("按未付处理后又获批准", "Approved after it was given up"),
        Pair("已登记差错,多退 50.00 待追收", "50.00 too much: a case is open to recover it"),
    ),
    concluded=BY_PEOPLE,
    original=ORIGINAL,
)
ENQUIRY = Enquiry(
    request=replace(UNANSWERED, auth_code="654321", transaction=""),
    original=replace(ORIGINAL, terminal="10000002"),
    check_code="9120700000074",
    expected=Pair("预计 2026-11-25 前答复", "An answer is expected by 2026-11-25"),
    why=Why(
        Pair(
            "请凭银行扣款记录查询该笔交易",
            "Asks whether this sale stands; the bank's record of the debit goes with it",
        ),
        Pair(
            "交易确认后方可退款;请凭查询码联系商户",
            "A refund is possible once the sale is confirmed; quote the check code",
        ),
    ),
    customer="13800138000",
)
FORM = Form(
    tender=Pair("扫码支付", "Wallet"),
    order_no="4200002111202611210099",
    original=replace(AT_THE_TILL, terminal="10000002"),
    decided=DECIDED,
    why=Why(
        Pair("请按本单由银行、平台或收单机构付款", "To be paid by bank, platform or acquirer"),
        Pair("款项由人工退回,尚未付出", "People pay it back; it is not paid yet"),
    ),
)
CARRIED_OUT = CarriedOut(
    original=AT_THE_TILL,
    decided=DECIDED,
    concluded=replace(BY_PEOPLE, by=("201 王主管",)),
    arrival=Pair("已由人工付出,以收款账户为准", "Paid by hand: see your account"),
)
TO_DO = ToDo(
    (
        Left(
            "000917",
            "2026-11-20T10:00:00+08:00",
            Pair("银行卡", "Card"),
            "476173******0010",
            16_290,
        ),
        Left("SN26112000043", "2026-11-20T12:35:00+08:00", Pair("现金", "Cash"), "", 3_710),
    )
)
PROOF = Proof(
    number=2,
    receipt="POS-20261121-0099",
    at="2026-11-21T12:00:00+08:00",
    terminal="10000002",
    goods=(
        Sold("保温杯", "2", 10_000, returned="1"),
        Sold("Basmati rice, loose, from the sack beside the door", "0.75", 2_000),
        Sold("会员优惠", "1", -345),
    ),
    more=3,
    paid=(
        Paid(
            Pair("银行卡", "Card"),
            15_000,
            masked_card="622848*********0018",
            scheme="unionpay",
            trace="000100",
            rrn="098765432109",
            auth_code="654321",
            returned=5_000,
        ),
        Paid(Pair("现金", "Cash"), 5_000),
    ),
    returned=5_000,
    held=1_250,
)
NO_STAN = replace(HEAD, stan="")
FORM_HEAD = replace(NO_STAN, barcode="1210700000428")
CREDIT_HEAD = replace(NO_STAN, amount=250000, barcode="5210700000425")
PAYOUT_FACTS: dict[str, Any] = {
    "number": "1",
    "what": Pair("运费", "Freight"),
    "sale": "T3-000023",
    "decided": Decided(approvals=("201 王主管", "202 李主管")),
}
PAYOUT = PayoutInCash(**PAYOUT_FACTS)
PAYOUT_FORM = PayoutForm(**PAYOUT_FACTS | {"number": "2"})
PAYOUT_HEAD = replace(NO_STAN, application=0, amount=1200, case=7, barcode="7120700000012")
ENQUIRY_HEAD = replace(NO_STAN, application=0, amount=20000, case=7, barcode="9120700000074")
COMPLAINT = Complaint(
    original=ORIGINAL,
    check_code="9120700000074",
    expected=Pair("预计 2026-11-28 前答复", "An answer is expected by 2026-11-28"),
    advice=Pair(
        "请凭查询码到店或致电查询处理进度",
        "Ask in the shop or by telephone, with the check code",
    ),
    hotline="12315",
)
CASE_RECORD = CaseRecord(
    state=Pair("已结案", "Closed"),
    facts=(
        Told(Pair("退错账户", "To the wrong account"), "7"),
        Told(Pair("登记", "Opened"), "2026-11-21 12:00"),
        Told(Pair("发现人", "Found by"), "顾客"),
        Told(Pair("现状: 已退款", "Now: refunded")),
    ),
    steps=(
        Noted(
            Pair("电话", "Telephone call"),
            "2026-11-21T12:10:00+08:00",
            "101",
            "顾客来电, 收款卡不是本人的",
            (Told(Pair("银行证明", "Bank's letter"), "8811"),),
            "2026-11-26",
        ),
        Noted(Pair("决定", "Decision"), "2026-11-26T09:00:00+08:00", "102"),
    ),
    ended=Ended(
        "2026-11-26T09:30:00+08:00",
        "2026112600017",
        "101",
        ("201 王主管",),
        Pair("输入错误", "Typing"),
        shop=250,
    ),
)
VOUCHER_SLIP = Slip(
    replace(CREDIT_HEAD, copy=Copy.CUSTOMER, barcode=VOUCHER), replace(CREDIT, voucher=VOUCHER)
)
EXCHANGE_CREDIT = ExchangeCredited(
    number="82107******79",
    until="2026-11-22T09:10:11+08:00",
    parts=(
        Part(Pair("银行卡", "Card"), "622576******9524", 250000),
        Part(Pair("现金", "Cash"), "", 50000),
    ),
    goods=Goods((SlipItem("衬衫 M", "2", 300000),)),
    original=ORIGINAL,
    decided=DECIDED,
)
EXCHANGE_VOUCHER = Slip(
    replace(NO_STAN, amount=300000, copy=Copy.CUSTOMER, barcode=VOUCHER),
    replace(EXCHANGE_CREDIT, number=VOUCHER),
)
EXCHANGE_HEAD = replace(NO_STAN, amount=300000, barcode="5210700000151")
REPLACED_SLIP = replace(
    VOUCHER_SLIP,
    head=replace(VOUCHER_SLIP.head, amount=150000),
    body=replace(CREDIT, voucher=VOUCHER, replaces="82107******53", paid_by="82107******40"),
)
"""With what was left of it."""
SLIPS = (
    REFUND,
    Slip(
        replace(HEAD, amount=20000),
        Voided(
            request=replace(CARD, scheme="visa", funding="credit", transaction="void"),
            original=ORIGINAL,
            decided=DECIDED,
            arrival=REFUNDED.arrival,
        ),
    ),
    Slip(
        NO_STAN,
        CashBack(
            original=AT_THE_TILL,
            decided=DECIDED,
            arrival=Pair("退现金,请当面点清", "Refund in cash: count it at the counter"),
        ),
    ),
    Slip(CREDIT_HEAD, CREDIT),
    Slip(
        replace(NO_STAN, amount=300000, barcode="5210700000127"),
        PointsBack(
            original=replace(ORIGINAL, trace="", rrn="", receipt="T3-000023", amount=300000),
            decided=DECIDED,
            arrival=Pair(
                "积分由收银系统退回您的会员账户", "The points come back to your account by the till"
            ),
        ),
    ),
    Slip(
        replace(NO_STAN, amount=4000, barcode="5210700000135"),
        Exchanged(
            goods=Goods(
                (SlipItem("手机 M", "2", 4000, serials=("490154203237518", "356938035643809")),)
            ),
            out=(ItemOut("手机 L 6901234567892 ×2", 4000, 5000, ("868683020000000",), 1),),
            original=ORIGINAL,
            decided=DECIDED,
        ),
    ),
    Slip(EXCHANGE_HEAD, EXCHANGE_CREDIT),
    Slip(
        replace(NO_STAN, amount=4000, barcode="5210700000143"),
        ExchangeBack(
            goods=Goods((SlipItem("衬衫 L", "1", 4000),)),
            original=replace(ORIGINAL, trace="", rrn="", receipt="T3-000024", amount=4000),
            decided=DECIDED,
            arrival=Pair(
                "按首笔交易的付款方式退回, 另有凭条",
                "It goes back as the first sale was paid, with slips of its own",
            ),
        ),
    ),
    Slip(HEAD, Declined(**FAILED | {"request": replace(UNANSWERED, response="51")})),
    Slip(HEAD, PENDING),
    Slip(HEAD, NotSent(**FAILED)),
    Slip(HEAD, Reversed(**FAILED | {"request": replace(UNANSWERED, transaction="void")})),
    Slip(replace(NO_STAN, barcode=""), REFUSED),
    Slip(HEAD, GIVEN_UP),
    Slip(HEAD, OVERPAID),
    Slip(ENQUIRY_HEAD, ENQUIRY),
    Slip(FORM_HEAD, FORM),
    Slip(replace(FORM_HEAD, stan=""), CARRIED_OUT),
    Slip(replace(NO_STAN, barcode="", amount=20_000), TO_DO),
    Slip(replace(NO_STAN, application=0, amount=20_000, barcode="20261121000099"), PROOF),
    Slip(PAYOUT_HEAD, PAYOUT),
    Slip(replace(PAYOUT_HEAD, barcode="7120700000020"), PAYOUT_FORM),
    Slip(
        replace(PAYOUT_HEAD, barcode="7120700000038", amount=400),
        Recovery(number="3", sale="000085", given=1_000),
    ),
    Slip(
        replace(HEAD, amount=20_000, case=7, barcode="7120700000046"),
        Correction(
            number="4",
            request=replace(CARD, scheme="visa", funding="credit"),
            refunded_at="2026-11-20T09:10:11+08:00",
            original=ORIGINAL,
            check_code="7120700000046",
            expected=COMPLAINT.expected,
            why=Why(
                Pair("款项退入错误账户,请追回并退至正确账户", "It went to a wrong account"),
                Pair("银行处理需要时间", "Banks take their time"),
            ),
        ),
    ),
    Slip(
        replace(HEAD, amount=20_000, case=7, barcode="7120700000053"),
        RefundEnquiry(
            number="5",
            request=CARD,
            refunded_at="2026-11-20T09:10:11+08:00",
            original=ORIGINAL,
            check_code="7120700000053",
            expected=COMPLAINT.expected,
            why=Why(Pair("顾客未收到退款", "The customer has not got it"), COMPLAINT.advice),
        ),
    ),
    Slip(
        replace(PAYOUT_HEAD, barcode="7120700000061", amount=302_500),
        Claim(
            number="6",
            sale="000085",
            goods=EXCHANGE_CREDIT.goods,
            freight=2_500,
            evidence=(Told(Pair("照片", "Photo"), "P-4711"),),
        ),
    ),
    Slip(replace(ENQUIRY_HEAD, amount=5000), COMPLAINT),
    Slip(replace(ENQUIRY_HEAD, amount=0), CASE_RECORD),
    Slip(HEAD, PrintTest()),
)


def test_every_kind_of_slip_has_its_golden_one() -> None:
    assert {type(slip.body) for slip in SLIPS} == set(get_args(Kinds))


@dataclass(frozen=True)
class Case:
    name: str
    slip: Slip
    tongues: tuple[Tongue, ...]
    columns: int
    attempt: int = 1
    duplicate: int = 0

    def bytes(self) -> bytes:
        return render(
            self.slip,
            texts=catalogue(),
            tongues=self.tongues,
            columns=self.columns,
            attempt=self.attempt,
            duplicate=self.duplicate,
        )


def cases() -> Iterator[Case]:
    for slip in SLIPS:
        customer = slip.copy_for(Copy.CUSTOMER)
        if isinstance(slip.body, StoreCredit):
            customer = VOUCHER_SLIP
            yield Case("credit-customer-replaced-zh-32", REPLACED_SLIP, ("zh",), 32)
            yield Case("credit-merchant-en-48", slip, ("en",), 48)
        if isinstance(slip.body, ExchangeCredited):
            customer = EXCHANGE_VOUCHER
        yield Case(f"{slip.kind}-merchant-zh-32", slip, ("zh",), 32)
        yield Case(f"{slip.kind}-customer-zh-en-32", customer, ("zh", "en"), 32)
        yield Case(f"{slip.kind}-customer-en-48", customer, ("en",), 48)
    yield Case("refund-duplicate-2", REFUND, ("zh",), 32, duplicate=2)
    yield Case("refund-attempt-3", REFUND, ("en", "zh"), 32, attempt=3)
    yield Case("refund-training", Slip(replace(HEAD, training=True), REFUNDED), ("zh", "en"), 48)
    yield from told_cases()
    yield from special_cases()
    yield from goods_cases()


def told_cases() -> Iterator[Case]:
    unanswered = replace(REFUNDED, request=UNANSWERED)
    by_people = Slip(HEAD, replace(unanswered, concluded=BY_PEOPLE))
    yield Case("refund-by-people-merchant", by_people, ("zh",), 32)
    yield Case("refund-by-people-customer", by_people.copy_for(Copy.CUSTOMER), ("en",), 48)
    request = replace(UNANSWERED, rrn=CARD.rrn)
    by_file = Slip(HEAD, replace(unanswered, request=request, concluded=BY_FILE))
    yield Case("refund-by-file-merchant", by_file, ("zh",), 32)
    yield Case("refund-by-file-customer", by_file.copy_for(Copy.CUSTOMER), ("en",), 48)
    told = Telling("P632510000127", ("1122.jsonl:4",), by_file=True)
    late = Slip(HEAD, replace(OVERPAID, late=told))
    yield Case("overpaid-told-late-zh", late, ("zh",), 32)
    yield Case("overpaid-told-late-en", late, ("en",), 48)


def special_cases() -> Iterator[Case]:
    turned_away = Slip(replace(NO_STAN, barcode="", amount=0), TURNED_AWAY)
    yield Case("refused-before-an-amount", turned_away, ("zh", "en"), 32)
    in_part = replace(
        REFUNDED,
        request=replace(CARD, response="10"),
        asked=20000,
        cause=Pair("部分承兑", "Approved in part"),
    )
    absent = replace(REFUNDED, request=replace(CARD, masked_card="", by_reference=True))
    yield Case("refund-by-reference-merchant", Slip(HEAD, absent), ("zh", "en"), 32)
    customer = Slip(HEAD, absent).copy_for(Copy.CUSTOMER)
    yield Case("refund-by-reference-customer", customer, ("en",), 48)
    yield Case("refund-in-part", Slip(HEAD, in_part), ("zh", "en"), 32)
    again = replace(REFUNDED, original=replace(ORIGINAL, again=(12, 17)))
    yield Case(
        "refund-given-again-customer", Slip(HEAD, again).copy_for(Copy.CUSTOMER), ("zh", "en"), 32
    )
    # of the receipt the clerk had no trace, and of its day no hour
    typed = replace(ORIGINAL, trace="", at="2026-11-21", terminal="10000002", typed=True)
    by_eye = Slip(HEAD, replace(REFUNDED, original=typed, decided=replace(DECIDED, rule="typed")))
    yield Case("refund-typed-merchant", by_eye, ("zh",), 32)
    yield Case("refund-typed-customer", by_eye.copy_for(Copy.CUSTOMER), ("en",), 48)
    bare = replace(PROOF, goods=(), more=0, paid=PROOF.paid[1:], returned=0, held=0, voided=True)
    voided = Slip(replace(NO_STAN, application=0, barcode=""), bare)
    yield Case("proof-voided", voided, ("zh", "en"), 32)
    no_phone = Slip(ENQUIRY_HEAD, replace(ENQUIRY, customer=""))
    yield Case("enquiry-no-phone", no_phone, ("zh", "en"), 32)
    long_names = replace(
        HEAD,
        merchant_name="Überall-Gemüse & 水果超市 😀 International Trading Company Ltd. 第二分店",
        contact="customer.service.and.complaints@example-department-store.example",
        currency="392",
    )
    by_day = replace(REFUNDED, original=replace(ORIGINAL, at="2026-11-21"))
    yield Case("refund-long-names", Slip(long_names, by_day), ("zh",), 32)


def goods_cases() -> Iterator[Case]:
    goods = Slip(HEAD, replace(REFUNDED, goods=GOODS))
    yield Case("refund-goods-merchant", goods, ("zh",), 32)
    yield Case("refund-goods-customer", goods.copy_for(Copy.CUSTOMER), ("en",), 48)
    part = Goods((replace(GOODS.items[0], amount=6_000), GOODS.items[2]), more=0)
    of_part = Slip(HEAD, replace(REFUNDED, goods=part)).copy_for(Copy.CUSTOMER)
    yield Case("refund-goods-of-one-payment", of_part, ("zh", "en"), 32)
    yield from invoices()
    many = Voided(
        request=replace(CARD, transaction="void"),
        goods=replace(GOODS, more=12),
        original=ORIGINAL,
        decided=DECIDED,
        arrival=REFUNDED.arrival,
    )
    void = Slip(replace(HEAD, amount=20_000), many)
    yield Case("void-more-goods", void.copy_for(Copy.CUSTOMER), ("zh", "en"), 32)
    yield Case("pending-goods", Slip(HEAD, replace(PENDING, goods=GOODS)), ("en", "zh"), 48)
    voucher = replace(CREDIT, voucher=VOUCHER, goods=GOODS)
    credit = Slip(CREDIT_HEAD, voucher).copy_for(Copy.CUSTOMER)
    yield Case("credit-goods", credit, ("zh",), 32)
    yield from credits()
    refused = Slip(replace(NO_STAN, barcode=""), replace(REFUSED, goods=GOODS))
    yield Case("refused-goods", refused, ("en",), 32)


def invoices() -> Iterator[Case]:
    """What became of the sale's invoice; of one that nobody was asked about the merchant reads."""
    red = replace(DECIDED, red_letter="24312000000087654321")
    neither = Pair("未收回也无红字发票", "Neither back nor red-letter")
    out = replace(DECIDED, invoice=neither, rule="invoice")
    unasked = replace(DECIDED, invoice_out=Pair("已开具,未询问", "Issued, not asked for"))
    for name, decided in (("red-letter", red), ("out", out), ("unasked", unasked)):
        slip = Slip(HEAD, replace(REFUNDED, decided=decided))
        yield Case(f"refund-invoice-{name}-merchant", slip, ("zh", "en"), 32)
        yield Case(f"refund-invoice-{name}-customer", slip.copy_for(Copy.CUSTOMER), ("en",), 48)


def credits() -> Iterator[Case]:
    """What a voucher had paid, and a gift: who holds its receipt reads nothing of what was paid."""
    paid_by = replace(
        CREDIT,
        cause=Pair("原交易为储值券,退新储值券", "Paid by voucher: a new voucher"),
        paid_by="82107******31",
        decided=replace(DECIDED, rule="policy"),
    )
    gift = replace(
        CREDIT,
        cause=Pair("礼品小票,发储值券", "Gift receipt: store credit"),
        goods=GOODS,
        original=Original(receipt="G-77", at="2026-11-20T10:00:00+08:00"),
        decided=replace(DECIDED, rule="gift"),
    )
    for name, head, body in (
        ("paid-by", CREDIT_HEAD, paid_by),
        ("gift", CREDIT_HEAD, gift),
        ("payout", PAYOUT_HEAD, PAID_OUT),
    ):
        yield Case(f"credit-{name}-merchant", Slip(head, body), ("zh",), 32)
        voucher = Slip(
            replace(head, copy=Copy.CUSTOMER, barcode=VOUCHER),
            replace(body, voucher=VOUCHER),
        )
        yield Case(f"credit-{name}-customer-en", voucher, ("en",), 48)
        yield Case(f"credit-{name}-customer-zh", voucher, ("zh",), 32)


CASES = {case.name: case for case in cases()}
PICTURED = CASES["refund-customer-zh-en-32"]
PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "slip-refund.png"


@pytest.mark.parametrize("name", CASES)
def test_the_slip_is_as_recorded(name: str) -> None:
    shown = listing(CASES[name].bytes()) + "\n"
    path = FOLDER / f"{name}.txt"
    if RECORD:
        path.write_text(shown, "utf-8")
    assert shown == path.read_text("utf-8")


def drawn(case: Case) -> Image.Image:
    """As it lies on the counter."""
    roll = Roll(case.columns)
    machine = Machine(roll, Mechanism(), Abilities(), lambda _: None, lambda: None)
    for token, _ in Tokenizer().feed(case.bytes()):
        for _ in machine.carry_out(token):
            pass
    return as_picture(roll.all()[0])


OF_CASES = (
    "recovery", "claim", "complaint", "correction", "refund_enquiry",
    "payout", "payout_form", "case_record",
)  # fmt: skip


@pytest.mark.skipif(not FONT.exists(), reason="fonts-unifont is missing")
@pytest.mark.parametrize("of", ["merchant-zh-32", "customer-zh-en-32", "customer-en-48"])
@pytest.mark.parametrize("kind", OF_CASES)
def test_a_scanner_reads_the_code_of_a_cases_slip(kind: str, of: str) -> None:
    """By a decoder that is not ours, from the paper of each width."""
    case = CASES[f"{kind}-{of}"]
    assert [one.text for one in zxingcpp.read_barcodes(drawn(case))] == [case.slip.head.barcode]


@pytest.mark.skipif(not FONT.exists(), reason="fonts-unifont is missing")
def test_the_slip_of_the_readme_is_this_one() -> None:
    """Half as large as the paper's picture, in few greys: a small file."""
    whole = drawn(PICTURED)
    picture = whole.resize((whole.width // 2, whole.height // 2), Image.Resampling.BOX)
    greys = picture.quantize(8, dither=Image.Dither.NONE)
    says = listing(PICTURED.bytes())
    if RECORD:
        record(greys, PICTURE, says, FONT)
    assert not stale(greys, PICTURE, says, FONT)
    assert PICTURE.stat().st_size < 30_000


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(CASES)

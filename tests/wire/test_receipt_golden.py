"""Every slip's bytes against the golden files, which are ESC/POS in readable form.

``GOLDEN=record pytest tests/wire/test_receipt_golden.py`` writes them anew: read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hw_sim.printer.listing import listing
from hw_sim.printer.sample_slip import SLIP
from msgspec.structs import replace

from pos_terminal.texts import catalogue
from pos_terminal.wire.receipt.render import render
from pos_terminal.wire.receipt.slip import Copy, Slip, SlipItem, SlipKind
from pos_terminal.wire.receipt.wording import Tongue

FOLDER = Path(__file__).parents[1] / "golden" / "receipts"
RECORD = os.environ.get("GOLDEN") == "record"

REFUND = replace(
    SLIP,
    merchant_name="好又多商场(人民路店)",
    scheme="unionpay",
    funding="debit",
    batch="000001",
    stan="000123",
    auth_code="654321",
    rrn="123456789012",
    original_trace="000100",
    original_rrn="098765432109",
    original_at="2026-11-21T12:00:00+08:00",
    original_amount=20000,
    reason_zh="质量问题",
    reason_en="Defective",
    rule="policy",
    approvals=("201 王主管", "202 Li"),
    response="00",
    arrival_zh="借记卡 1-7 个工作日",
    arrival_en="1 to 7 working days to the debit card",
    contact="400-800-1234",
)
BY_PEOPLE: dict[str, Any] = {
    "concluded_ref": "2026112200017",
    "concluded_by": ("201 王主管", "202 Li"),
}
VOUCHER = "8210703141579"
FAILED = replace(
    REFUND,
    rrn="",
    auth_code="",
    arrival_zh="",
    arrival_en="",
    cause_zh="余额不足",
    cause_en="Not enough money in the merchant's account",
    advice_zh="商户账户资金不足,到账后请重做。",
    advice_en="Do it again when the account has funds.",
)
GOODS = (
    SlipItem("保温杯", "2", 10_000),
    SlipItem("Basmati rice, loose, from the sack beside the door", "0.75", 2_000),
    SlipItem("有机生态种植东北五常稻花香大米真空", "1", 345),
)
BY_FILE: dict[str, Any] = {
    "concluded_ref": "P632510000127",
    "concluded_by": ("acquirer-outcomes-20261121.jsonl:117",),
    "concluded_by_file": True,
}
SLIPS = {
    SlipKind.REFUND: REFUND,
    SlipKind.VOID: replace(
        REFUND, kind=SlipKind.VOID, amount=20000, scheme="visa", funding="credit"
    ),
    SlipKind.CASH: replace(
        REFUND,
        kind=SlipKind.CASH,
        masked_card="",
        scheme="",
        funding="",
        batch="",
        stan="",
        auth_code="",
        rrn="",
        response="",
        original_trace="",
        original_rrn="",
        original_receipt="POS-20261121-0099",
        arrival_zh="退现金,请当面点清",
        arrival_en="Refund in cash: count it at the counter",
    ),
    SlipKind.CREDIT: replace(
        REFUND,
        kind=SlipKind.CREDIT,
        amount=250000,
        original_amount=300000,
        masked_card="",
        scheme="",
        funding="",
        batch="",
        stan="",
        auth_code="",
        rrn="",
        response="",
        rule="cash_limit",
        cause_zh="超出现金限额,改发储值券",
        cause_en="Above the cash limit: store credit",
        arrival_zh="",
        arrival_en="",
        voucher="82107******79",
        barcode="5210700000425",
    ),
    SlipKind.DECLINED: replace(FAILED, kind=SlipKind.DECLINED, response="51"),
    SlipKind.PENDING: replace(
        FAILED,
        kind=SlipKind.PENDING,
        response="",
        check_code="2120700000421",
        arrival_zh="2026-11-25 前",
        arrival_en="by 2026-11-25",
        cause_zh="收单机构未应答",
        cause_en="No answer from the acquirer",
    ),
    SlipKind.NOT_SENT: replace(FAILED, kind=SlipKind.NOT_SENT, response=""),
    SlipKind.REVERSED: replace(FAILED, kind=SlipKind.REVERSED, response=""),
    SlipKind.REFUSED: replace(
        FAILED,
        kind=SlipKind.REFUSED,
        masked_card="",
        scheme="",
        funding="",
        batch="",
        stan="",
        response="",
        barcode="",
        rule="window",
        cause_zh="超出退货期限,请联系收单机构",
        cause_en="Beyond the return window: turn to the acquirer",
    ),
    SlipKind.GIVEN_UP: replace(
        FAILED,
        kind=SlipKind.GIVEN_UP,
        response="",
        cause_zh="收单机构确认未付",
        cause_en="The acquirer says that it was not paid",
        advice_zh="可以重做退款",
        advice_en="The refund can be done again",
        **BY_PEOPLE,
    ),
    SlipKind.OVERPAID: replace(
        REFUND,
        kind=SlipKind.OVERPAID,
        cause_zh="按未付处理后又获批准",
        cause_en="Approved after it was given up",
        advice_zh="已登记差错,多退 50.00 待追收",
        advice_en="50.00 too much: a case is open to recover it",
        **BY_PEOPLE,
    ),
    SlipKind.ENQUIRY: replace(
        REFUND,
        kind=SlipKind.ENQUIRY,
        application=0,
        amount=20000,
        stan="",
        rrn="",
        reason_zh="",
        reason_en="",
        rule="",
        approvals=(),
        response="",
        case=7,
        customer="13800138000",
        original_terminal="10000002",
        check_code="9120700000074",
        barcode="9120700000074",
        cause_zh="请凭银行扣款记录查询该笔交易",
        cause_en="Asks whether this sale stands; the bank's record of the debit goes with it",
        advice_zh="交易确认后方可退款;请凭查询码联系商户",
        advice_en="A refund is possible once the sale is confirmed; quote the check code",
        arrival_zh="预计 2026-11-25 前答复",
        arrival_en="An answer is expected by 2026-11-25",
    ),
    SlipKind.TEST: replace(REFUND, kind=SlipKind.TEST),
}


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
    for kind, slip in SLIPS.items():
        customer = replace(slip, copy=Copy.CUSTOMER)
        if kind is SlipKind.CREDIT:
            customer = replace(customer, voucher=VOUCHER, barcode=VOUCHER)
            yield Case("credit-customer-duplicate-zh-32", customer, ("zh",), 32, duplicate=1)
            yield Case("credit-merchant-en-48", slip, ("en",), 48)
        yield Case(f"{kind}-merchant-zh-32", slip, ("zh",), 32)
        yield Case(f"{kind}-customer-zh-en-32", customer, ("zh", "en"), 32)
        yield Case(f"{kind}-customer-en-48", customer, ("en",), 48)
    yield Case("refund-duplicate-2", REFUND, ("zh",), 32, duplicate=2)
    yield Case("refund-attempt-3", REFUND, ("en", "zh"), 32, attempt=3)
    yield Case("refund-training", replace(REFUND, training=True), ("zh", "en"), 48)
    long_names = replace(
        REFUND,
        merchant_name="Überall-Gemüse & 水果超市 😀 International Trading Company Ltd. 第二分店",
        contact="customer.service.and.complaints@example-department-store.example",
        currency="392",
        original_at="2026-11-21",
    )
    by_people = replace(REFUND, rrn="", auth_code="", response="", **BY_PEOPLE)
    yield Case("refund-by-people-merchant", by_people, ("zh",), 32)
    by_file = replace(REFUND, auth_code="", response="", **BY_FILE)
    yield Case("refund-by-file-merchant", by_file, ("zh",), 32)
    yield Case("refund-by-file-customer", replace(by_file, copy=Copy.CUSTOMER), ("en",), 48)
    late = replace(
        SLIPS[SlipKind.OVERPAID],
        late_ref="P632510000127",
        late_by=("1122.jsonl:4",),
        late_by_file=True,
    )
    yield Case("overpaid-told-late-zh", late, ("zh",), 32)
    yield Case("overpaid-told-late-en", late, ("en",), 48)
    yield Case("refund-by-people-customer", replace(by_people, copy=Copy.CUSTOMER), ("en",), 48)
    in_part = replace(
        REFUND,
        asked=20000,
        response="10",
        cause_zh="部分承兑",
        cause_en="Approved in part",
    )
    yield Case("refund-in-part", in_part, ("zh", "en"), 32)
    no_phone = replace(SLIPS[SlipKind.ENQUIRY], customer="")
    yield Case("enquiry-no-phone", no_phone, ("zh", "en"), 32)
    yield Case("refund-long-names", long_names, ("zh",), 32)
    goods = replace(REFUND, items=GOODS)
    yield Case("refund-goods-merchant", goods, ("zh",), 32)
    yield Case("refund-goods-customer", replace(goods, copy=Copy.CUSTOMER), ("en",), 48)
    rest = {"amount": 20_000, "more_items": 12}
    many = replace(goods, kind=SlipKind.VOID, copy=Copy.CUSTOMER, **rest)
    yield Case("void-more-goods", many, ("zh", "en"), 32)
    pending = replace(SLIPS[SlipKind.PENDING], items=GOODS)
    yield Case("pending-goods", pending, ("en", "zh"), 48)
    credit = replace(SLIPS[SlipKind.CREDIT], items=GOODS)
    yield Case("credit-goods", replace(credit, copy=Copy.CUSTOMER, voucher=VOUCHER), ("zh",), 32)
    yield Case("refused-goods", replace(SLIPS[SlipKind.REFUSED], items=GOODS), ("en",), 32)


CASES = {case.name: case for case in cases()}


@pytest.mark.parametrize("name", CASES)
def test_the_slip_is_as_recorded(name: str) -> None:
    shown = listing(CASES[name].bytes()) + "\n"
    path = FOLDER / f"{name}.txt"
    if RECORD:
        path.write_text(shown, "utf-8")
    assert shown == path.read_text("utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(CASES)
